"""The errors that Second Look raises on purpose.

    AppError
    ├── InvalidSettings            a setting is invalid
    ├── NotReady                   a part of the server does not work now
    ├── UnusableImage              a file is not a usable image
    ├── UnservableModel            the built-in service cannot serve a model
    │   └── UnclearLabels          its labels may contain more than labels; somebody must decide
    ├── UnusableEvaluation         an evaluation file is invalid
    ├── StorageUnavailable         the database, or the place where images are stored, does not work now
    ├── UnusableBackup             a file is not a backup, is damaged, or is of a newer release
    ├── BackupFailed               a backup cannot be made or restored here
    ├── StoreUnreadable            a part of the store cannot be checked
    ├── UnknownSession             no session has this id
    ├── UnknownVersion             no version of a session has this name
    ├── ReviewDone                 the review is signed off
    ├── PredictionsHidden          a blind review hides the predictions
    ├── NotAdmitted                somebody is not admitted
    │   ├── NotSignedIn            nobody has signed in yet
    │   ├── NotInvited             somebody who signed in has no role
    │   └── SignInEnded            the sign-in has ended, or is too old
    ├── RoleMissing                somebody has no permission for this
    └── ServiceError               a provider did not fulfill a request
        ├── ServiceUnreachable     it does not respond, or the connection was lost
        ├── ServiceBusy            too many requests
        ├── ServiceRefused         it refused the request
        ├── PredictionTimedOut     no response in time
        ├── CredentialsMissing     no credentials, or invalid ones
        ├── PermissionMissing      the credentials have no permission for this
        ├── ApiDisabled            the API is not enabled in the project
        ├── WrongRegion            the model is in another region
        ├── InvalidName            a project, region or resource name is invalid
        ├── ImageTooLarge          the image exceeds its request limit
        ├── ModelGone              the version does not exist (any more)
        ├── ModelUndeployed        the version is not deployed
        └── InvalidResponse        the response is not a prediction

Each message is for the person at the page: what happened, and what to do next.
"""


class AppError(Exception):
    """Base of all errors whose message a page may show."""


class InvalidSettings(AppError):
    """A setting (environment variable) has an invalid value."""


class NotReady(AppError):
    """A part of the server does not work now. The message is a short reason for health checks, which anyone may see."""


class UnusableImage(AppError):
    """A file cannot be converted to an image that providers accept."""


class UnservableModel(AppError):
    """A model cannot be served. The message is the reason, a sentence without its period."""


class UnclearLabels(UnservableModel):
    """Labels of an upload seem to include numbers or quotes that are not part of them."""


class UnusableEvaluation(AppError):
    """An evaluation file is invalid. The message is the reason, for the log. Its version is served anyway."""


class StorageUnavailable(AppError):
    """The database, or the place where images are stored, does not work: unreachable, busy, full, read-only, damaged.

    `is_retryable` tells whether the same call may succeed later, as when a server is back or somebody freed space.
    """

    def __init__(self, message: str, *, is_retryable: bool = False) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable


class UnusableBackup(AppError):
    """A file cannot be restored: it is no backup, is damaged, or was made by a newer release."""


class BackupFailed(AppError):
    """A backup cannot be made or restored here. What was there before is unchanged."""


class StoreUnreadable(AppError):
    """A part of the store cannot be read. The message is the rest of a sentence that begins with the part."""


class UnknownSession(AppError, LookupError):
    """No session has the requested id."""


class UnknownVersion(AppError):
    """No version, or more than one, has the requested name."""


class ReviewDone(AppError):
    """The session's review is signed off, so annotations cannot be changed."""


class PredictionsHidden(AppError):
    """The session is under blind review, and the person has images left to review."""


class NotAdmitted(AppError):
    """Somebody is not admitted."""


class NotSignedIn(NotAdmitted):
    """Nobody has signed in yet."""


class NotInvited(NotAdmitted):
    """Somebody who signed in with a verified address is not on the list of people."""


class SignInEnded(NotAdmitted):
    """A sign-in has ended."""


class RoleMissing(AppError):
    """Somebody has no permission for this."""


class ServiceError(AppError):
    """A provider did not fulfill a request."""


class ServiceUnreachable(ServiceError):
    """The provider does not respond, or the connection was lost."""


class ServiceBusy(ServiceError):
    """The provider received too many requests."""


class ServiceRefused(ServiceError):
    """The provider refused the request."""


class PredictionTimedOut(ServiceError):
    """The provider did not respond within the time limit."""


class CredentialsMissing(ServiceError):
    """There are no credentials for the provider, or invalid ones."""


class PermissionMissing(ServiceError):
    """The credentials are valid, but have no permission for this."""


class ApiDisabled(ServiceError):
    """The API is not enabled in the project."""


class WrongRegion(ServiceError):
    """Region and endpoint do not match, or the model is in another region."""


class InvalidName(ServiceError):
    """A project, region or resource name is invalid or not allowed. No request is sent."""


class ImageTooLarge(ServiceError):
    """The image exceeds the provider's request limit."""


class ModelGone(ServiceError):
    """The provider has no such version (any more)."""


class ModelUndeployed(ServiceError):
    """The version is not deployed."""


class InvalidResponse(ServiceError):
    """The provider returned something else than one score from 0 to 1 for each label."""
