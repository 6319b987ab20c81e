"""Three gateways in a row: edge.example, carrier.example, home.example. Mail for home goes from edge over carrier."""
from harness import IsthmusTest


class ThreeSites(IsthmusTest):
    @classmethod
    def configure(cls):
        """For subclasses: change the configurations before the daemons start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.edge, cls.carrier, cls.home = (cls.make_gateway(f"{name}.example") for name in ("edge", "carrier", "home"))
        next_hops = {cls.edge: {cls.carrier: cls.carrier, cls.home: cls.carrier},
                     cls.carrier: {cls.edge: cls.edge, cls.home: cls.home},
                     cls.home: {cls.edge: cls.carrier, cls.carrier: cls.carrier}}
        for here, others in next_hops.items():
            here.store = cls.make_sink()
            here.config["route"] = [{"domain": far.site, "via": "xproto", "to": f"127.0.0.1:{by.xproto_port}", "host": by.host}
                                    for far, by in others.items()]
            here.config["route"].append({"domain": here.site, "via": "smtp", "to": f"127.0.0.1:{here.store.port}"})
            here.config["peer"] = [{"host": by.host, "ca": by.ca, "trust": "trusted"} for by in set(others.values())]
        cls.configure()
        for site in (cls.edge, cls.carrier, cls.home):
            site.start()

    def setUp(self):
        for site in (self.edge, self.carrier, self.home):
            site.store.clear()
