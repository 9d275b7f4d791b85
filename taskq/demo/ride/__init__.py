"""The demo ride app: a small web app to book rides on loopback, with an honest ledger."""

from taskq.demo.ride.habits import Habits
from taskq.demo.ride.site import RideApp
from taskq.demo.ride.trips import Trip

__all__ = ["Habits", "RideApp", "Trip"]
