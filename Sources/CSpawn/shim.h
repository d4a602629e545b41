#include <spawn.h>

// glibc declares it for programs that ask for all of its extensions, and Swift's import of glibc does not.
#if defined(__linux__)
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
#endif
