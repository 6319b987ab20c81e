// Messages to measure with, one of each class of mail that costs something of its own.
#pragma once

#include <string>
#include <string_view>

namespace bench {

inline std::string repeated(std::string_view piece, std::size_t octets)
{
    std::string out;
    out.reserve(octets + piece.size());
    while (out.size() < octets) out += piece;
    out.resize(octets);
    return out;
}

inline const std::string received = "Received: from mail.sender.example (mail.sender.example [192.0.2.17])\r\n"
                                    "\tby mx.recipient.example with ESMTPS id 4ZkLm12zXyzABC\r\n"
                                    "\tfor <bob@recipient.example>; Sat, 22 Nov 2025 02:31:05 +0100 (CET)\r\n";

// About a kilobyte, as ordinary mail has it.
inline std::string header(std::string_view content_type = "text/plain; charset=UTF-8")
{
    return received +
           "DKIM-Signature: v=1; a=rsa-sha256; q=dns/txt; c=relaxed/relaxed; d=sender.example;\r\n"
           "\ts=2025; h=Content-Transfer-Encoding:Content-Type:Subject:To:From:Date:Message-ID;\r\n"
           "\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=NhIyzCcVW1jNQ5PqsCbGVyzWCP\r\n"
           "\tzCZgQwNr2iHrIxTlIhFkQnDmRN0GWZ1qGKqkU2PtO2XHZFq4sAk2FgKCp4uWb3lUYBgFOLuXKY1Y9\r\n"
           "\teGRhX0wG1wpHbTBBGmqqjULxW9zHYr2bCDv8=;\r\n"
           "Message-ID: <8f2c1f0e-6a7b-4d52-9a40-0c5d1e1f7a33@sender.example>\r\n"
           "Date: Sat, 22 Nov 2025 02:31:02 +0100\r\n"
           "From: Alice Example <alice@sender.example>\r\n"
           "To: Bob Example <bob@recipient.example>\r\n"
           "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?= vom =?UTF-8?Q?B=C3=BCro?=\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: " +
           std::string(content_type) +
           "\r\n"
           "Content-Transfer-Encoding: 8bit\r\n"
           "\r\n";
}

inline std::string text(std::size_t body)
{
    return header() + repeated("A line of text that is as long as lines of text in mail tend to be.\r\n", body);
}

inline std::string tiny()
{
    return "From: a@sender.example\r\nTo: b@recipient.example\r\nSubject: x\r\n\r\nHi.\r\n";
}

inline std::string one_kilobyte()
{
    return text(1 << 10);
}

inline std::string ten_kilobytes()
{
    return text(10 << 10);
}

inline std::string hundred_kilobytes()
{
    return text(100 << 10);
}

// Sixty Received fields above the ordinary header.
inline std::string long_journey()
{
    std::string out;
    for (int i = 0; i < 60; ++i) out += received;
    return out + one_kilobyte();
}

// Text, and five megabytes of base64.
inline std::string attachment()
{
    const std::string_view line = "JVBERi0xLjcKJeLjz9MKMSAwIG9iago8PC9UeXBlL0NhdGFsb2cvUGFnZXMgMiAwIFI+PgplbmRv\r\n";
    return header("multipart/mixed; boundary=\"=_boundary_4711\"") +
           "This is a message in MIME format.\r\n--=_boundary_4711\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
           "--=_boundary_4711\r\nContent-Type: application/pdf; name=report.pdf\r\n"
           "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=report.pdf\r\n\r\n" +
           repeated(line, line.size() * 64000) + "--=_boundary_4711--\r\n";
}

// What the mapping can be made to work hardest for: a thousand fields that XML must escape or carry as base64, half of
// them to be read as trace, and a body of lines that might all be delimiters of 32 nested multiparts.
inline std::string hostile()
{
    std::string out;
    for (int i = 0; i < 250; ++i) {
        out += "Received: from ((((((((((<&<&<&<&\x01 by ;;;;;; with \"\\\"\\\"\\\"\\\"\r\n";
        out += "X-<&>\"': &&&&&&&&<<<<<<<<>>>>>>>>\"\"\"\"\"\"\"\"]]>]]>]]>\r\n\t\r\n &\r\n";
        out += "X-Eight-Bit: \xff\xfe\xfd\xfc\xe9\xe8 caf\xe9\r\n";
        out += "X-Bare: a\rb\nX-Spaced \t : c\r\n";
    }
    out += "Content-Type: multipart/mixed; boundary=-\r\n\r\n";
    std::string boundary = "-";
    for (int depth = 0; depth < 32; ++depth) {
        out += "--" + boundary + "\r\n";
        boundary += '-';
        out += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n";
    }
    return out + repeated("----------------x\n--\n-\n---- \t--\r\n", 100 << 10);
}

struct message_class {
    std::string_view name;
    std::string (*make)();
};

inline constexpr message_class message_classes[] = {
    {"tiny", tiny},
    {"1KB", one_kilobyte},
    {"10KB", ten_kilobytes},
    {"100KB", hundred_kilobytes},
    {"60_received", long_journey},
    {"attachment_5MB", attachment},
    {"hostile", hostile},
};

} // namespace bench
