"""Which push endpoints a device may hand us."""

import pytest

from app.paging import endpoints
from app.paging.endpoints import UnknownPushService


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/dK3:APA91bH-x_y",
        "https://fcm.googleapis.com/wp/abc",
        "https://FCM.googleapis.com:443/wp/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA==",
        "https://web.push.apple.com/QGuQyavXutnMH6",
        "https://wns2-db5p.notify.windows.com/w/?token=BQYAAAC%2fabc%3d",
    ],
)
def test_SEC2_the_browsers_own_push_services_are_called(endpoint: str) -> None:
    assert endpoints.check(endpoint).port == 443


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "fcm.googleapis.com/wp/abc",
        "http://fcm.googleapis.com/wp/abc",
        "https://fcm.googleapis.com:8443/wp/abc",
        "https://fcm.googleapis.com.evil.example/wp/abc",
        "https://evil-fcm.googleapis.com/wp/abc",
        "https://notify.windows.com.evil.example/",
        "https://evilnotify.windows.com/",
        "https://push.apple.com/abc",
        "https://user@fcm.googleapis.com/wp/abc",
        "https://fcm.googleapis.com@evil.example/wp/abc",
        "https://fcm.googleapis.com\\@evil.example/wp/abc",
        "https://evil.example\\.push.apple.com/",
        "https://evil.example#.push.apple.com/",
        "https://evil.example/.push.apple.com/",
        "https://evil.example?.push.apple.com",
        "https://fcm.googleapis.com./wp/abc",
        "https://fcm.googleapis.com/wp/a b",
        "https://fcm.googleapis.com/wp/a\r\nHost: evil",
        "https://fcm。googleapis.com/wp/abc",
        "https://ⓕcm.googleapis.com/wp/abc",
        "https://fcm.googleapis.com/" + "a" * 2048,
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_SEC2_anything_else_is_refused_in_words(endpoint: str) -> None:
    with pytest.raises(UnknownPushService, match=r"push service"):
        endpoints.check(endpoint)


def test_a_host_the_operator_named_is_called_by_http_and_on_its_own_port_only() -> None:
    named = ("127.0.0.1:8090", "push.example.org")
    assert endpoints.check("http://127.0.0.1:8090/wpush/1", push_hosts=named).port == 8090
    assert endpoints.check("http://push.example.org:81/x", push_hosts=named).host == "push.example.org"
    for other in ("http://127.0.0.1:8091/wpush/1", "http://127.0.0.1.evil.example:8090/", "http://127.0.0.1/"):
        with pytest.raises(UnknownPushService):
            endpoints.check(other, push_hosts=named)
