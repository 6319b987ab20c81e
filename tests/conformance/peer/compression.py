"""Chunks as Zstandard frames (RFC 8878; docs/xproto.md, "Compressed chunks"), by the system's libzstd.

What a frame is made of can also be written by hand, so that tests can send frames that no library would make.
"""
import ctypes

MAGIC = bytes.fromhex("28b52ffd")
RAW, RLE = 0, 1
UNKNOWN_SIZE, NO_FRAME = 2 ** 64 - 1, 2 ** 64 - 2
LEVEL = 3


class Broken(Exception):
    """Not one frame of the size that was told."""


def _library():
    library = ctypes.CDLL("libzstd.so.1")
    size, octets = ctypes.c_size_t, ctypes.c_char_p
    for name, result, arguments in (
        ("ZSTD_compressBound", size, [size]),
        ("ZSTD_compress", size, [octets, size, octets, size, ctypes.c_int]),
        ("ZSTD_decompress", size, [octets, size, octets, size]),
        ("ZSTD_isError", ctypes.c_uint, [size]),
        ("ZSTD_getFrameContentSize", ctypes.c_ulonglong, [octets, size]),
        ("ZSTD_findFrameCompressedSize", size, [octets, size])):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


LIBRARY = _library()


def pack(octets):
    """One frame that says the size of its content."""
    room = ctypes.create_string_buffer(LIBRARY.ZSTD_compressBound(len(octets)))
    length = LIBRARY.ZSTD_compress(room, len(room), octets, len(octets), LEVEL)
    return room.raw[:length]


def unpack(frame, size):
    """The `size` octets that exactly one frame holds."""
    if LIBRARY.ZSTD_getFrameContentSize(frame, len(frame)) != size:
        raise Broken("its header does not tell this size")
    if not frame.startswith(MAGIC) or LIBRARY.ZSTD_findFrameCompressedSize(frame, len(frame)) != len(frame):
        raise Broken("not one whole frame")
    room = ctypes.create_string_buffer(size)
    length = LIBRARY.ZSTD_decompress(room, size, frame, len(frame))
    if LIBRARY.ZSTD_isError(length) or length != size:
        raise Broken("not to be unpacked")
    return room.raw


# --- by hand ----------------------------------------------------------------------------------------------------------

def header(size, told=True):
    """A frame header without checksum and dictionary. Told: the size in four octets; else a window of 128 KiB."""
    if told:
        return MAGIC + bytes([0b10100000]) + size.to_bytes(4, "little")
    return MAGIC + bytes([0, 0b00111000])


def block(kind, content, size=None, last=True):
    """A raw block, or with RLE one octet that is repeated `size` times."""
    length = len(content) if size is None else size
    return (length << 3 | kind << 1 | last).to_bytes(3, "little") + content


def run(size, told=None):
    """A frame that stands for one octet, repeated; it may tell another size."""
    return header(size if told is None else told) + block(RLE, b"x", size)
