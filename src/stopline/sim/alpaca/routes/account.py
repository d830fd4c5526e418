"""`/v2/account`: figures, configurations, activities, history."""

from typing import Final

from stopline.dialects.alpaca.account import ACCOUNT, CONFIGURATIONS
from stopline.dialects.alpaca.activities import ACTIVITY
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, decode
from stopline.dialects.alpaca.history import PORTFOLIO_HISTORY
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.activity import find_activities
from stopline.sim.alpaca.history import find_history
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.routes.endpoint import Routes


def account(house: House, request: Request, at: Nanos) -> Answer:
    """Return the account."""
    return Answer(200, ACCOUNT.render(house.account()))


def configurations(house: House, request: Request, at: Nanos) -> Answer:
    """Return what the owner has set."""
    return Answer(200, CONFIGURATIONS.render(house.book.configurations))


def configure(house: House, request: Request, at: Nanos) -> Answer:
    """Change what the owner has set."""
    change = CONFIGURATIONS.parse(decode(request.body, MAX_REQUEST))
    return Answer(200, CONFIGURATIONS.render(house.configure(change)))


def activities(house: House, request: Request, at: Nanos) -> Answer:
    """Return activities."""
    said = request.query.get("activity_types", "") or request.parts.get("type", "")
    found = find_activities(house.book, said, request.query)
    return Answer(200, [ACTIVITY.render(each, with_nulls=False) for each in found])


def history(house: House, request: Request, at: Nanos) -> Answer:
    """Return equity over time."""
    return Answer(200, PORTFOLIO_HISTORY.render(find_history(house.book, house.hours, request.query, at)))


ROUTES: Final[Routes] = {
    ("GET", "/v2/account"): account,
    ("GET", "/v2/account/configurations"): configurations,
    ("PATCH", "/v2/account/configurations"): configure,
    ("GET", "/v2/account/activities"): activities,
    ("GET", "/v2/account/activities/{type}"): activities,
    ("GET", "/v2/account/portfolio/history"): history,
}
