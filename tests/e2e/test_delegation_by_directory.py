"""A directory that the configuration names has the CAs of its domains: hosts of those domains are validated by LDAP, over TLS
that proves the directory, and nobody else's are."""
import os

import directory_server
import harness
from harness import IsthmusTest, isthmus, sample


class ByDirectory(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.make_gateway("carrier.example")
        cls.carrier.store = cls.make_sink()
        labels = ("ehsco", "clear", "starttls", "unproved", "changing")
        cls.sites = {label: os.path.join(cls.folder, label) for label in (*labels, "absent")}
        for label, folder in cls.sites.items():
            isthmus("init", folder, "--site", label + ".example")
        cls.directory = directory_server.Directory(os.path.join(cls.folder, "ldap"), cls.carrier.folder,
                                                   {label: cls.ca(label) for label in labels})
        cls.addClassCleanup(cls.directory.close)
        plain, secure = f"ldap://127.0.0.1:{cls.directory.port}", f"ldaps://127.0.0.1:{cls.directory.tls_port}"
        cls.carrier.config["xproto"]["unknown_peers"] = "accept"
        cls.carrier.config["dns"] = {"servers": ["127.0.0.1:9"]}
        cls.carrier.config["timeouts"]["dns"] = "4s"
        cls.carrier.config["directory"] = [
            {"domain": "clear.example", "server": plain, "tls": "none"},
            {"domain": "starttls.example", "server": plain, "ca": cls.carrier.ca},
            {"domain": "unproved.example", "server": secure, "ca": cls.ca("absent")},
            {"domain": "outside.example", "server": plain, "tls": "none"},
            {"domain": "changing.example", "server": secure, "ca": cls.carrier.ca},
            {"domain": "absent.example", "server": secure, "ca": cls.carrier.ca},
            {"domain": "ehsco.example", "server": secure, "ca": cls.carrier.ca},
        ]
        cls.carrier.config["route"] = [
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"}]
        cls.carrier.start()
        cls.mail = os.path.join(cls.folder, "mail.eml")
        with open(cls.mail, "wb") as file:
            file.write(sample())

    @classmethod
    def ca(cls, label):
        return os.path.join(cls.sites[label], "ca.pem")

    def send(self, label):
        result = isthmus("send", "--site", self.sites[label], "--ca", self.carrier.ca, "--to",
                         f"127.0.0.1:{self.carrier.xproto_port}", "--peer-host", self.carrier.host, "--from",
                         f"a@{label}.example", "--rcpt", "b@carrier.example", "-v", self.mail, check=False)
        return result.returncode == 0, result.stdout + result.stderr

    def test_the_directory_tells_the_ca(self):
        for label in ("ehsco", "clear", "starttls"):
            with self.subTest(label):
                accepted, said = self.send(label)
                self.assertTrue(accepted, said)
        self.carrier.wait_log(r"peer_proved peer=mx1\.ehsco\.example .*validity=delegation issuer=ehsco\.example")

    def test_a_directory_that_does_not_prove_itself_is_not_believed(self):
        accepted, said = self.send("unproved")
        self.assertFalse(accepted, said)
        self.assertIn("99.0.4.6", said)

    def test_a_domain_that_is_not_in_the_directory(self):
        accepted, said = self.send("absent")
        self.assertFalse(accepted, said)
        self.assertIn("99.0.5.41", said)

    def test_a_domain_without_directory_is_not_looked_up_in_one(self):
        folder = os.path.join(self.folder, "other")
        isthmus("init", folder, "--site", "other.example")
        self.sites["other"] = folder
        accepted, said = self.send("other")  # but in DNS, where nobody answers
        self.assertFalse(accepted, said)
        self.assertIn("99.0.4.6", said)
        self.assertIn("_xproto-ca.other.example", said)

    def test_a_changed_ca_is_the_only_one(self):
        self.directory.change("changing", self.ca("absent"))
        accepted, said = self.send("changing")
        self.assertFalse(accepted, said)
        self.assertIn("99.0.5.41", said)


if __name__ == "__main__":
    harness.main()
