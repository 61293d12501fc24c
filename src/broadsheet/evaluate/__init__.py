"""Quality in numbers: test collections, metrics, reports. Names no backend; nothing else imports it."""
