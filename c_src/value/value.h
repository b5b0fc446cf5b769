/* Values: one binary form that both worlds read and write.
 *
 *   Python object --value_pack--> bytes --value_unpack--> Python object
 *   Erlang term --value_from_term--> bytes --value_to_term--> Erlang term
 *
 * Python to Python is exact: type, value, dict order. Python to Erlang follows
 * the table in lib/rebeam/value.ex. What has no natural term travels as a pickle
 * and shows as %Rebeam.Object{}; what has no Python word travels as Erlang's
 * external format and shows as rebeam.Term. The bytes are valid on any node.
 *
 * The Python half wants the GIL and never touches erl_nif except for identities;
 * the Erlang half needs no GIL and never touches Python, so it may run on any
 * scheduler (large values: a dirty one). Both refuse nesting deeper than
 * VALUE_DEPTH_MAX and malformed bytes; neither makes an atom out of Python text.
 */
#ifndef REBEAM_VALUE_VALUE_H
#define REBEAM_VALUE_VALUE_H

enum { VALUE_DEPTH_MAX = 10000 };

#endif
