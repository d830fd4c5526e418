"""`stopline demo`: a trading day in half a minute, on the real system; each step checks what it tells."""
