"""Charts as PNG: the bot calls `process`, which runs `drawing` in a process of its own."""

import struct

LENGTH = struct.Struct(">I")  # stands before each picture and each PNG, on both ends
