/* The command `rebeam`: becomes the Erlang VM of its release, which reads the arguments. It takes
 * no part in what follows, so process id, terminal, signals and standard input are the program's.
 */

#include "launcher/command.h"
#include "launcher/init.h"
#include "launcher/release.h"

enum { FAILED = 1 };

int main(int argc, char **argv) {
    static struct release release;
    (void)argc;
    init_if_first();
    if (release_find(&release))
        command_run(&release, argv + 1);
    return FAILED;
}
