"""All that is kept, behind one door."""

from lib.store.api_tokens import ApiTokens
from lib.store.audit import AuditLog
from lib.store.expired import Expired
from lib.store.matrix import Matrix
from lib.store.pairs import Pairs
from lib.store.sessions import Sessions
from lib.store.shares import Shares
from lib.store.sign_ins import SignIns
from lib.store.trends import Trends
from lib.store.trials import Trials
from lib.store.truths import Truths


class Store(Sessions, Truths, Matrix, Pairs, Trends, Trials, Shares, ApiTokens, SignIns, AuditLog, Expired):
    """Sessions, their images, what versions said of them, and what is right. Safe to share between threads.

    `database_url` is an SQLAlchemy URL of SQLite or PostgreSQL, `images_url` a folder or any fsspec URL. Every method
    that adds or changes has written when it returns. Times are in UTC.
    """
