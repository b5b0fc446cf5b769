/* A library of its own, rebeam_forked.so, that is preloaded into the VM which takes this one's
 * place.
 *
 * SIGTERM is blocked there from loader/process.c's exec until the VM has started. Meanwhile the VM
 * forks its port spawner, and erlexec starts epmd: all that they start would keep the mask for
 * life. So what is forked there opens it. Nothing of it is called by name.
 *
 * It is named by a descriptor that is inherited, as LD_PRELOAD has no way to write a path with a
 * space or a colon in it. The library closes that.
 */
#ifndef REBEAM_LOADER_FORKED_H
#define REBEAM_LOADER_FORKED_H

#define FORKED_DESCRIPTOR "/proc/self/fd/%d"

#endif
