"""A second xproto, written from docs/xproto.md alone: standard library, the `openssl` command and libzstd, nothing of isthmus.

It exists to show that the page is enough to write a peer from, and to tell when page and gateway drift apart. It is a
reading aid, not a mail system: it stores nothing, and holds whole objects in memory.

    lines        control lines (section 2)
    documents    the XML profile (section 6)
    headers      message/headers
    envelopes    message/envelope
    der          just enough DER to read certificates and CMS
    certificates what a certificate says, and whether it is valid (section 7)
    tools        what the openssl command does for us
    proofs       the HELO proof
    traces       what is signed, and who signed it (section 8)
    messages     an RFC 5322 message as three objects, and back
    channel      octets on sockets, TLS 1.3 and its exporter
    options      what OPT answers
    compression  chunks as Zstandard frames
    skeletons    split bodies
    hops         what is told of the way: TRACE, probes and answers
    client       the end that sends
    plans        how a message travels: objects, fragments, leaves
    pipeline     pipelined mode
    outcomes     what became of a message
    server       the end that receives: set-up and options
    receiver     its transfers
    incoming     what an XFER may say, and whether what comes is what was announced
"""
