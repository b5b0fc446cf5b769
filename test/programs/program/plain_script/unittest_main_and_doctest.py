import doctest
import unittest


def add(a, b):
    """
    >>> add(1, 2)
    3
    """
    return a + b


class Tests(unittest.TestCase):
    def test_right(self):
        self.assertEqual(add(1, 1), 2)

    def test_wrong(self):
        self.assertEqual([1, 2], [1, 3])

    @unittest.skip("why")
    def test_skipped(self):
        pass


if __name__ == "__main__":
    print(doctest.testmod())
    unittest.main(verbosity=2)
