"""`stopline demo`: a trading day in under a minute, on the real system; each step checks what it tells."""
