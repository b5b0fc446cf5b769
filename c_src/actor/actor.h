/* An actor's native half: its messages, its Python object, the wait its code is in.
 *
 * The BEAM process is the owner. Messages come to its mailbox; it passes each on
 * (actor_nif_work), and they run here one at a time, in order:
 *
 *         job from the queue             result, exception
 *   IDLE -------------------> RUNNING -----------------------> IDLE, or the next
 *                              |   ^
 *                      suspend |   | answer: value, reply or exception
 *                              v   |
 *                             WAITING
 *
 * WAITING is a coroutine on the heap, or, where CPython could not suspend, a
 * thread in actor_wait (actor/wait.h). A reply to one of our actors goes straight to its wait.
 * Beside it there are branches, the waits of its asynchronous code and of other threads' code.
 *
 * The struct is a NIF resource. Python references in it belong to jobs on its
 * executor (GIL held). When the owner dies, the monitor only marks the actor
 * dead, wakes its waiting threads and queues a job that drops the references: what
 * still runs then answers and reports nothing any more, and is made to end (actor/kill.h).
 *
 * What the owner is told, as {'$rebeam', Word, ...}; lib/rebeam/actor/owner.ex reads it:
 *   started (Name | nil, HasStop, Later | nil, Over)   the instance was made: see actor/life.ex
 *   done                               construct, start, stop or run is over
 *   reply (From, Status, Payload, Subject)   to be passed on to who is not ours
 *   raised (Code | nil, {Type, Message, Traceback}, {Class, State, Message, Locals},
 *           {Work, Subject, Payload, Sender | nil}, {Nanoseconds, Trail})
 *   suspend (Sequence, Operation)      the code waits for that; see lib/rebeam/actor/wait.ex
 *   wake                               a message came after an idle time (actor_nif_idle)
 *   branch (Sequence, Operation)       the same of one of many; see branches.ex
 *   stuck (Seconds, Stack, {Work, Subject, Payload, Sender | nil})
 *   settled (Sequence)                 that wait was dropped, or the branch answered past the owner
 *   stop                               the class has got a @stop since
 *   closed                             after actor_nif_close: nothing runs any more
 *
 * The files, from the ground up; each uses only what stands before it:
 *   account, directory         what it has done and is at; all of them by pid, for who looks in
 *   state, life                what an interpreter has for all actors; making and keeping one
 *   job, waiter, context       a piece of work; threads that wait; context variables
 *   response, handler          what its code answers with; which method a message is for
 *   answers                    those to many calls, until all are there
 *   answer, asked              what comes back; who waits for a start
 *   thread, settings           where its code runs; what its class says
 *   defer, queue, raise, kill  no_reply(); one job at a time; exceptions from outside; the end
 *   relay                      casts to other nodes
 *   direct, many               past the target's process; many calls at once
 *   leave                      it goes on elsewhere, with what waits for it
 *   promise, announce          waits for Python itself; when the owner learns of a wait
 *   wait, branch, report       the plain path; waits of asynchronous code; what is told
 *   tick, run, interrupt       every few milliseconds; the course of a run; call(..., interrupt=)
 *   survey, stack              all actors at one moment; where the code of one is
 *   instances                  what they are to Python
 *   tracing, trail             what one does from now on; which calls led to what it works on
 *   work, helper               what the jobs do; processes that work for a wait
 *   nif                        the owner's functions, and what goes on top: destructor, monitor
 */
#ifndef REBEAM_ACTOR_ACTOR_H
#define REBEAM_ACTOR_ACTOR_H

struct actor;

#endif
