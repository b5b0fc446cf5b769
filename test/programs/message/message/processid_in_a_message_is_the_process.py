import copy
import pickle

from rebeam import GenPy, ProcessID, call, receive, run_register_process, self_pid


class Node(GenPy):
    def __init__(self, value):
        self.value = value

    @receive("me")
    def me(self):
        return {"pid": ProcessID(), ProcessID(): [self_pid()]}

    @receive("ask other")
    def ask(self, message):
        return [call(each, "value")[1] for each in message["others"]]

    @receive("value")
    def value(self):
        return self.value

    @receive("who asks")
    def who(self, source):
        return source

    @receive("forward")
    def forward(self, message):
        return call(message, "who asks")[1] == ProcessID()


a, b, c = [run_register_process(Node(n)) for n in range(3)]
answer = call(a, "me")[1]
print(answer["pid"] == a, answer[a] == [a], list(answer)[1] == a, len({a, answer["pid"], b, c}))
print(call(a, "ask other", {"others": (b, c)}), call(a, "forward", b))
print(pickle.loads(pickle.dumps(a)) == a, copy.deepcopy([a]) == [a], hash(a) == hash(answer["pid"]))
print(a != b, a == str(a), repr(a) == repr(answer["pid"]), sorted([str(a)]) == [str(a)])
