"""The mapping can be tried on files, without a daemon: to the three objects, back, and both laws over many at once."""
import hashlib
import os

import harness
from harness import IsthmusTest, isthmus
from test_legacy_mail_crosses import CONTENTS

BARE = [("bare newlines", b"Subject: x\n\nbody\n"), ("bare returns", b"Subject: x\r\rbody\r"), ("nothing at all", b""),
        ("no last newline", b"Subject: x"), ("a long line", b"X: " + b"y" * 1_000_000 + b"\r\n\r\n" + b"z" * 1_000_000)]


class MapCommands(IsthmusTest):
    def setUp(self):
        self.files = []
        self.mail = os.path.join(self.folder, "mail")
        os.makedirs(self.mail, exist_ok=True)
        for number, (_, content) in enumerate(CONTENTS + BARE):
            path = os.path.join(self.mail, f"{number:02}.eml")
            with open(path, "wb") as file:
                file.write(content)
            self.files.append(path)

    def test_there_and_back(self):
        objects = os.path.join(self.folder, "objects")
        isthmus("map", "to-xproto", *self.files, "-o", objects, "--from", "a@edge.example", "--rcpt", "b@carrier.example")
        folders = sorted(os.listdir(objects))
        self.assertEqual(len(folders), len(self.files))
        for path, folder in zip(self.files, folders):
            with self.subTest(path):
                here = os.path.join(objects, folder)
                self.assertEqual(sorted(os.listdir(here)), ["body", "envelope.xml", "headers.xml"])
                back = os.path.join(self.folder, folder + ".back")
                isthmus("map", "to-smtp", here, "-o", back)
                with open(back, "rb") as came, open(path, "rb") as went:
                    self.assertEqual(came.read(), went.read())

    def edited(self, view):
        """The outcome of to-smtp for a message whose Subject says this in its view; the message."""
        path = os.path.join(self.folder, "edit.eml")
        with open(path, "wb") as file:
            file.write(b"From: a@b.example\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\n")
        folder = os.path.join(self.folder, "edit")
        isthmus("map", "to-xproto", path, "-o", folder, "--force")
        here = os.path.join(folder, "edit.eml")
        headers, envelope = os.path.join(here, "headers.xml"), os.path.join(here, "envelope.xml")
        with open(headers, "rb") as file:
            before = file.read()
        after = before.replace("<v:text>ü</v:text>".encode(), view)
        self.assertNotEqual(after, before)
        with open(headers, "wb") as file:
            file.write(after)
        with open(envelope, "rb") as file:
            named = file.read()
        for old, new in ((b"sha-256:" + hashlib.sha256(before).hexdigest().encode(),
                          b"sha-256:" + hashlib.sha256(after).hexdigest().encode()),
                         (b'octets="%d"' % len(before), b'octets="%d"' % len(after))):
            self.assertIn(old, named)
            named = named.replace(old, new, 1)
        with open(envelope, "wb") as file:
            file.write(named)
        back = os.path.join(self.folder, "edited.eml")
        result = isthmus("map", "to-smtp", here, "-o", back, "--force", check=False)
        with open(back, "rb") as file:
            return result, file.read()

    def test_an_edited_view_writes_its_field_anew(self):
        result, message = self.edited(b"<v:text>new</v:text>")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(message, b"From: a@b.example\r\nSubject: new\r\n\r\n")

    def test_an_edit_that_mail_has_no_form_for_is_told(self):
        result, message = self.edited(b"<v:mailbox>a@b.example</v:mailbox>")
        self.assertEqual(result.returncode, 1)
        self.assertIn("Subject", result.stderr)
        self.assertEqual(message, b"From: a@b.example\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\n")

    def test_verify_holds_the_laws(self):
        result = isthmus("map", "verify", self.mail)
        self.assertIn(str(len(self.files)), result.stdout.splitlines()[-1])
        self.assertIn("median size of headers objects", result.stdout)

    def test_verify_says_what_it_could_not_read(self):
        result = isthmus("map", "verify", os.path.join(self.folder, "absent.eml"), check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("absent.eml", result.stdout + result.stderr)


if __name__ == "__main__":
    harness.main()
