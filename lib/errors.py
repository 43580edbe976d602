"""Every error that Second Look raises on purpose, drawn as a tree.

    AppError
    ├── InvalidSettings            a setting cannot be used
    ├── UnusableImage              a file is not an image that can be sent
    ├── UnservableModel            a folder is not a model that the built-in service can serve
    │   └── UnclearLabels          its labels hold more than labels, and nobody said whether that is meant
    ├── UnusableEvaluation         a file is not an evaluation that the built-in service can give out
    ├── UnknownSession             no session has this id
    ├── UnknownVersion             no version of a session goes by this name
    ├── ReviewDone                 the review is signed off: nothing changes
    ├── NotAdmitted                somebody may not come in
    │   ├── NotSignedIn            nobody has signed in yet
    │   ├── NotInvited             somebody signed in who has no role
    │   └── SignInEnded            the sign-in was ended, or is too old
    ├── RoleMissing                somebody may not do this
    └── ServiceError               a prediction service did not do what was asked
        ├── ServiceUnreachable     nobody answers, or the connection broke
        ├── ServiceBusy            too many requests
        ├── ServiceRefused         the service answered, and said no
        ├── PredictionTimedOut     no answer in time
        ├── CredentialsMissing     no credentials, or none that Google accepts
        ├── PermissionMissing      the credentials may not do this
        ├── ApiDisabled            the service is not enabled in the project
        ├── WrongRegion            the model is not where it was looked for
        ├── InvalidName            a project, region or resource name may not be asked about
        ├── ImageTooLarge          the service takes no request as large as this
        ├── ModelGone              the version does not exist (any more)
        ├── ModelUndeployed        the version exists, but is not deployed
        └── InvalidResponse        the service answered with what is no prediction

Each message is a sentence for the person in front of the page: what happened, and what to do next.
"""


class AppError(Exception):
    """Base of all errors that a page may show as they are. `str(error)` is the sentence to show."""


class InvalidSettings(AppError):
    """A setting (environment variable) has a value that cannot be used."""


class UnusableImage(AppError):
    """A file cannot be turned into an image that a service would accept."""


class UnservableModel(AppError):
    """A folder cannot be served; the message is the reason, fit for a list of folders."""


class UnclearLabels(UnservableModel):
    """Labels of an upload hold numbers or quotes that are no part of them, as far as one can tell."""


class UnusableEvaluation(AppError):
    """An evaluation cannot be given out; the message is the reason, fit for a log. Its version is served anyway."""


class UnknownSession(AppError, LookupError):
    """No session is stored under the id that was asked for."""


class UnknownVersion(AppError):
    """No version, or more than one, goes by the name that was asked for."""


class ReviewDone(AppError):
    """The session's review is signed off: what people said of it stays as it is."""


class NotAdmitted(AppError):
    """Somebody may not come in."""


class NotSignedIn(NotAdmitted):
    """Nobody has signed in yet."""


class NotInvited(NotAdmitted):
    """Somebody with a verified address signed in who is not among those who may come in."""


class SignInEnded(NotAdmitted):
    """Somebody had signed in, but that holds no more."""


class RoleMissing(AppError):
    """Somebody came in, and may not do this."""


class ServiceError(AppError):
    """A prediction service did not do what was asked."""


class ServiceUnreachable(ServiceError):
    """The service does not answer, or the connection to it broke."""


class ServiceBusy(ServiceError):
    """The service takes no more requests for now."""


class ServiceRefused(ServiceError):
    """The service answered that it will not do this."""


class PredictionTimedOut(ServiceError):
    """The service gave no answer within the time allowed."""


class CredentialsMissing(ServiceError):
    """There are no credentials for the service, or none that it accepts."""


class PermissionMissing(ServiceError):
    """The credentials are good, but may not do this."""


class ApiDisabled(ServiceError):
    """The project does not use the service yet."""


class WrongRegion(ServiceError):
    """Region and endpoint do not fit, or the model is in another region."""


class InvalidName(ServiceError):
    """A project, a region or a resource name is none that may be asked about: nothing is sent."""


class ImageTooLarge(ServiceError):
    """The service takes no request as large as one with this image."""


class ModelGone(ServiceError):
    """The service has no such version (any more)."""


class ModelUndeployed(ServiceError):
    """The version exists, but must be deployed before it predicts."""


class InvalidResponse(ServiceError):
    """The service answered, but not with one score from 0 to 1 for each label."""
