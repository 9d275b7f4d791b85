"""The shop's own style sheets, scripts and drawings."""

from pathlib import Path

from taskq.demo.assets import server
from taskq.demo.web import Route

serve = server(Path(__file__).parent / "static")

ROUTES: list[Route] = [
    ("GET", r"/cdn/shop/t/1/assets/(?P<name>[\w.-]+)", serve),
    ("GET", r"/cdn/shopifycloud/checkout-web/assets/c1/(?P<name>[\w.-]+)", serve),
    ("GET", r"/(?P<name>favicon\.svg)", serve),
]
