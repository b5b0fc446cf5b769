/* The command `rebeam`: becomes the Erlang VM of its release, which reads the arguments. It takes
 * no part in what follows, so process id, terminal, signals and standard input are the program's.
 */

#include "launcher/command.h"
#include "launcher/init.h"
#include "launcher/release.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FAILED = 1 };

/* The emulator ends at once, with a dump, where its working folder was removed. */
static bool has_folder(void) {
    char folder[PATH_MAX];
    bool has = getcwd(folder, sizeof folder) != NULL;
    if (!has)
        fprintf(stderr, "rebeam: the working folder: %s\n", strerror(errno));
    return has;
}

int main(int argc, char **argv) {
    static struct release release;
    (void)argc;
    init_if_first();
    if (has_folder() && release_find(&release))
        command_run(&release, argv + 1);
    return FAILED;
}
