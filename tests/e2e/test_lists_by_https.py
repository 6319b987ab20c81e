"""Lists that are fetched by HTTPS: who is blocked stays so when the server is away and over a restart, for as long as the list is
not stale; and nothing is taken from a server that does not prove who it is."""
import os
import time

import harness
from harness import wait_for
from test_lists import Lists
from web_server import WebServer


class ByHttps(Lists):
    @classmethod
    def make_gateway(cls, site):
        gateway = super().make_gateway(site)
        cls.web = WebServer(os.path.join(cls.folder, "web"))
        cls.addClassCleanup(cls.web.stop)
        gateway.config["timeouts"]["list"] = "5s"
        gateway.config["limits"] = {"list_octets": "1KiB", "list_entries": 10}
        return gateway

    def block(self, path="/b.txt", **more):
        return {"name": "theirs", "kind": "block", "by": "host", "url": self.web.url(path), "ca": self.web.ca, "refresh": "1s",
                **more}

    def setUp(self):
        self.web.answers.clear()
        self.web.asked.clear()
        if self.web._server is None:
            self.web.start()

    def use_and_fetch(self, text, **more):
        """The list is in use when this returns."""
        path = f"/{self.id().rsplit('.', 1)[1]}.txt"
        self.web.publish(path, text)
        self.use(self.block(path, **more))
        self.carrier.wait_log(rf"list_fetched list=theirs url={self.web.url(path)}")
        return path

    def wait_answer(self, taken, site, seconds=15):
        wait_for(lambda: self.send(site)[0] == taken, seconds, f"{site} {'let in' if taken else 'refused'}", every=0.5)

    def test_a_blocked_host_is_refused(self):
        path = self.use_and_fetch("# bad\nmx1.bad.example\n")
        self.assert_refused("listed by theirs", "bad.example")
        self.assert_taken("good.example")
        self.assertEqual(self.web.asked[0][0], path)

    def test_what_has_not_changed_does_not_travel_and_what_has_is_used(self):
        path = self.use_and_fetch("mx1.bad.example\n")
        wait_for(lambda: any(headers.get("If-None-Match") for _, headers in self.web.asked), 20, "question for news")
        fetched = self.carrier.log().count(f"{path} octets=")
        time.sleep(2.5)
        self.assertEqual(self.carrier.log().count(f"{path} octets="), fetched)
        self.web.publish(path, "mx1.good.example\n")
        self.wait_answer(True, "bad.example")
        self.assert_refused("listed by theirs", "good.example")

    def test_an_outage_and_a_restart_change_nothing(self):
        self.use_and_fetch("mx1.bad.example\n")
        before = self.carrier.metrics()["isthmus_list_fetch_failures_total"]
        self.web.stop()
        wait_for(lambda: self.carrier.metrics()["isthmus_list_fetch_failures_total"] > before, 20, "failure")
        self.assert_refused("listed by theirs", "bad.example")
        self.carrier.wait_log(r"list_fetch_failed list=theirs .*old_one_stays=true")
        self.carrier.stop()
        self.carrier.start()
        self.carrier.wait_log(r"list_kept list=theirs .*entries=1")
        self.assert_refused("listed by theirs", "bad.example")
        self.assertEqual(self.carrier.metrics()["isthmus_lists_stale"], 0)

    def test_a_crash_leaves_a_copy(self):
        self.use_and_fetch("mx1.bad.example\n")
        self.web.stop()
        self.carrier.kill()
        self.carrier.start()
        self.assert_refused("listed by theirs", "bad.example")

    def test_a_stale_list_is_ignored_or_defers(self):
        self.use_and_fetch("mx1.bad.example\n", stale="3s")
        self.assert_refused("listed by theirs", "bad.example")
        self.web.stop()
        self.wait_answer(True, "bad.example", 20)
        self.carrier.wait_log(r"list_stale list=theirs .*on_failure=ignore")
        wait_for(lambda: self.carrier.metrics()["isthmus_lists_stale"] == 1, 10, "stale list in the metrics")
        self.carrier.config["list"][0]["on_failure"] = "defer"
        self.carrier.reload()
        self.assert_refused("theirs cannot be asked now", "good.example")
        self.web.start()
        self.wait_answer(True, "good.example")
        self.assert_refused("listed by theirs", "bad.example")

    def test_a_list_that_was_never_fetched_cannot_be_asked(self):
        self.web.answers["/none.txt"] = (404, {})
        self.use(self.block("/none.txt", on_failure="defer"))
        self.assert_refused("theirs cannot be asked now", "good.example")
        self.carrier.wait_log(r'list_fetch_failed list=theirs .*reason="the server answers 404')

    def refused(self, path, words, **more):
        self.use(self.block(path, **more))
        self.carrier.wait_log(rf"list_fetch_failed list=theirs url=\S*{path} reason=\"[^\n]*{words}")
        self.assert_taken("bad.example")

    def test_what_is_no_good_list_is_not_taken(self):
        self.web.publish("/mistake.txt", "mx1.bad.example\nnot a host\n")
        self.web.publish("/long.txt", "# " + 1100 * "x" + "\nmx1.bad.example\n")
        self.web.publish("/many.txt", "".join(f"mx{i}.bad.example\n" for i in range(1, 12)))
        self.web.publish("/moved.txt", "")
        self.web.answers["/moved.txt"] = (302, {"Location": self.web.url("/mistake.txt")})
        self.web.publish("/packed.txt", "mx1.bad.example\n")
        self.web.answers["/packed.txt"] = (200, {"Content-Encoding": "gzip"})
        for path, words in (("/mistake.txt", "line 2: "), ("/long.txt", "more than 1024 octets"),
                            ("/many.txt", "line 11: has more entries than limits.list_entries"),
                            ("/moved.txt", "redirects are not followed"), ("/packed.txt", "encoded .gzip.")):
            with self.subTest(path):
                self.refused(path, words)

    def test_a_server_must_prove_its_name(self):
        self.web.publish("/other.txt", "mx1.bad.example\n")
        self.refused("/other.txt", "TLS: .*certificate", ca=self.carrier.ca)
        self.assertEqual(self.web.asked, [], "nothing was asked of a server that could be anybody")
        self.refused("/other.txt", "TLS: .*mismatch", url=self.web.url("/other.txt", "127.0.0.1"))
        self.assertEqual(self.web.asked, [])

    def test_a_damaged_copy_is_not_used(self):
        path = self.use_and_fetch("mx1.bad.example\n")
        self.web.stop()
        self.carrier.stop()
        folder = os.path.join(self.carrier.folder, "state", "lists")
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "r+b") as file:
                content = file.read()
                file.seek(0)
                file.write(content.replace(b"mx1.bad", b"mx1.god"))
        self.carrier.start()
        self.carrier.wait_log(r"list_copy_unreadable list=theirs .*damaged")
        self.assert_taken("bad.example")
        self.assertIn(path, self.carrier.config["list"][0]["url"])

    def test_check_knows_the_keys(self):
        for more, words in (({"url": "http://lists.example/b.txt"}, r'list\[1\]\.url: wanted "https://host/path"'),
                            ({"file": "b.txt"}, r"list\[1\]: wanted one of file, dns and url"),
                            ({"refresh": "2h", "stale": "1h"}, r"list\[1\]\.stale: wanted at least refresh \(2h\); found 1h"),
                            ({"ca": "none.pem"}, r"list\[1\]\.ca: .*none\.pem cannot be read")):
            with self.subTest(words):
                self.carrier.config["list"] = [self.block(**more)]
                self.carrier.write_config()
                result = self.carrier.cli("check", check=False)
                self.assertEqual(result.returncode, 78, result.stdout)
                self.assertRegex(result.stdout + result.stderr, words)


del Lists  # its own tests stand in test_lists.py

if __name__ == "__main__":
    harness.main()
