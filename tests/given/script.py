"""A server for the SDK that answers as it is told."""

import httpx

NUMBER = "+12025550123"
ANSWER = {
    "number": NUMBER, "action": "block", "score": 93, "confidence": 0.88, "status": "listed",
    "category": "loan_scam", "reports": 14, "reporters": 11,
    "first_reported_at": "2026-01-02T03:04:05Z", "last_reported_at": "", "name": "",
    "country": "US", "line_type": "mobile", "reasons": ["eleven reporters"], "advice": "",
    "redress_url": "http://x", "ttl": 300, "new_in_version_9": True,
}  # fmt: skip


class Script:
    """Answers in the order given; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
