#include "launcher/command.h"

#include "loader/preload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* The command line of the emulator while it is put together. What is in it lives until exec. */
struct command {
    char **words;
    size_t count;
    size_t size;
};

static void *checked(void *memory) {
    if (memory == NULL) {
        fputs("rebeam: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static void add(struct command *command, char *word) {
    if (command->count == command->size) {
        command->size = 2 * command->size + 64;
        command->words = checked(realloc(command->words, command->size * sizeof(char *)));
    }
    command->words[command->count++] = word;
}

static void add_pair(struct command *command, const char *flag, const char *value) {
    add(command, checked(strdup(flag)));
    add(command, checked(strdup(value)));
}

static char *joined(const char *first, const char *second) {
    char *text = NULL;
    return asprintf(&text, "%s%s", first, second) < 0 ? checked(NULL) : text;
}

/* The path that was run, before its links were followed. */
static const char *launched(void) {
    unsigned long path = getauxval(AT_EXECFN);
    return path != 0 ? (const char *)path : "";
}

/* What erlexec puts between the emulator's own flags and those of the runtime system. */
static void add_places(struct command *command, const struct release *release) {
    const char *home = getenv("HOME");
    add(command, "--");
    add_pair(command, "-root", release->root);
    add_pair(command, "-bindir", release->erts);
    add_pair(command, "-progname", "rebeam");
    add(command, "--");
    add_pair(command, "-home", home != NULL ? home : "/");
    add(command, "--");
    add_pair(command, "-launched", launched());
}

/* One word a line. An empty line ends the emulator's own; "@" at the beginning of a word is the
 * folder of the release. */
static bool add_flags(struct command *command, const struct release *release, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    while ((length = getline(&line, &size, file)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (line[0] == '\0')
            add_places(command, release);
        else
            add(command, joined(line[0] == '@' ? release->root : "", line + (line[0] == '@')));
    }
    free(line);
    return !ferror(file);
}

static bool read_flags(struct command *command, const struct release *release) {
    char *name = joined(release->version, "/flags");
    FILE *file = fopen(name, "re");
    bool read = file != NULL && add_flags(command, release, file);
    if (!read)
        fprintf(stderr, "rebeam: %s: %s\n", name, strerror(errno));
    if (file != NULL)
        fclose(file);
    free(name);
    return read;
}

static void set_variable(const char *name, const char *value) {
    const char *own = getenv(name);
    if (own != NULL) {
        char *kept = joined("REBEAM_OWN_", name);
        setenv(kept, own, 1);
        free(kept);
    }
    setenv(name, value, 1);
}

/* What the emulator and its helpers read; Rebeam.VM.Environment puts back what was. */
static void set_environment(const struct release *release) {
    set_variable("ROOTDIR", release->root);
    set_variable("BINDIR", release->erts);
    set_variable("EMU", "beam");
    set_variable("PROGNAME", "rebeam");
    /* A VM that fails writes no file into the folder in which somebody works, unless asked to. */
    if (getenv("ERL_CRASH_DUMP") == NULL && getenv("ERL_CRASH_DUMP_SECONDS") == NULL) {
        setenv("ERL_CRASH_DUMP_SECONDS", "0", 1);
        setenv("REBEAM_OWN_ERL_CRASH_DUMP_SECONDS", "", 1); /* the user has none */
    }
}

/* As the loader does for a VM that takes another's place (loader/forked.h): SIGTERM waits until the
 * program's VM heeds it, and what is forked before opens the mask. */
static bool prepare_signals(const struct release *release) {
    sigset_t waits;
    char *path = joined(release->priv, "/rebeam_forked.so");
    bool loads = preload_forked(path) == 0;
    if (!loads)
        fprintf(stderr, "rebeam: %s: %s\n", path, strerror(errno));
    free(path);
    sigemptyset(&waits);
    sigaddset(&waits, SIGTERM);
    sigprocmask(SIG_BLOCK, &waits, NULL);
    return loads;
}

void command_run(const struct release *release, char **arguments) {
    struct command command = {0};
    char *emulator = joined(release->erts, "/beam.smp");
    add(&command, emulator);
    if (!read_flags(&command, release))
        return;
    for (; *arguments != NULL; arguments++)
        add(&command, *arguments);
    add(&command, NULL);
    set_environment(release);
    if (!prepare_signals(release))
        return;
    execv(emulator, command.words);
    fprintf(stderr, "rebeam: %s: %s\n", emulator, strerror(errno));
}
