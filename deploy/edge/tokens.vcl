# Checks viewers' tokens: JWT with HS256 (RFC 7519), as shared/token.ts does. Needs vmod_digest: the package varnish-vmod-digest.
# What only the origin can judge is passed to it, and its answer is not stored.

import digest;

# Reads x-lectern-token: sets x-lectern-role, -for (its channel), -exp and -editor; or x-lectern-bad: 'form', 'signature', 'expired',
# 'unknown' for what an origin has to look at.
sub lectern_read_token {
    unset req.http.x-lectern-bad;
    unset req.http.x-lectern-editor;
    if (req.http.x-lectern-token !~ "^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$") {
        set req.http.x-lectern-bad = "form";
        return;
    }
    set req.http.x-lectern-signed = regsub(req.http.x-lectern-token, "\.[^.]*$", "");
    call lectern_sign;
    if (digest.base64url_nopad_hex(req.http.x-lectern-signature) != regsub(req.http.x-lectern-token, "^.*\.", "")) {
        unset req.http.x-lectern-signature;
        set req.http.x-lectern-bad = "signature";
        return;
    }
    unset req.http.x-lectern-signature;
    # From here on it is known who made it. In JSON a quote within a text has a backslash in front, so none of these patterns matches there.
    if (digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "\..*$", "")) !~ {"[{,]\s*"alg"\s*:\s*"HS256"\s*[,}]"}
        || digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) !~ {"[{,]\s*"exp"\s*:\s*[0-9]{1,12}(?:\.[0-9]+)?\s*[,}]"}
        || digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) !~ {"[{,]\s*"role"\s*:\s*"(?:viewer|student|teacher|operator|encoder|worker)"\s*[,}]"}
        || digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) !~ {"[{,]\s*"channel"\s*:\s*"[a-z0-9*-]{1,64}"\s*[,}]"}
        || digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) !~ {"[{,]\s*"sub"\s*:\s*(?:"[^"\\]{1,255}"|[0-9]{1,15})\s*[,}]"}
        || digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) !~ {"[{,]\s*"name"\s*:\s*""}) {
        set req.http.x-lectern-bad = "unknown";
        return;
    }
    set req.http.x-lectern-exp = regsub(digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")), {"(?s)^.*[{,]\s*"exp"\s*:\s*([0-9]{1,12})(?:\.[0-9]+)?\s*[,}].*$"}, "\1");
    set req.http.x-lectern-role = regsub(digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")), {"(?s)^.*[{,]\s*"role"\s*:\s*"([a-z]+)"\s*[,}].*$"}, "\1");
    set req.http.x-lectern-for = regsub(digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")), {"(?s)^.*[{,]\s*"channel"\s*:\s*"([a-z0-9*-]+)"\s*[,}].*$"}, "\1");
    if (std.integer(req.http.x-lectern-exp, 0) <= std.time2integer(now, 0)) {
        set req.http.x-lectern-bad = "expired";
        return;
    }
    if (req.http.x-lectern-role == "teacher" || req.http.x-lectern-role == "operator"
        || (req.http.x-lectern-role == "viewer" && digest.base64url_nopad_decode(regsub(req.http.x-lectern-signed, "^.*\.", "")) ~ {"[{,]\s*"sub"\s*:\s*"lectern:editor"\s*[,}]"})) {
        set req.http.x-lectern-editor = "yes";
    }
}

sub lectern_drop_claims {
    unset req.http.x-lectern-bad;
    unset req.http.x-lectern-signed;
    unset req.http.x-lectern-exp;
    unset req.http.x-lectern-role;
    unset req.http.x-lectern-for;
}

# Leaves with a refusal, or with the request as it came, which the origin then answers; returns when it may be answered from the cache.
sub lectern_may_play {
    if (!req.http.x-lectern-token) {
        if (req.http.x-lectern-access != "token") {
            return;
        }
        set req.http.x-lectern-problem = "channel " + req.http.x-lectern-channel + ": want a token in the path (/t/{token}/…), the Authorization header or the cookie lectern-token";
        call lectern_refuse_401_no;
    }
    call lectern_read_token;
    if (req.http.x-lectern-access != "token") {
        # Nobody needs one. A person's own in an address is refused all the same, by the origin.
        if (!req.http.x-lectern-bad && req.http.x-lectern-in-address && req.http.x-lectern-role !~ "^(viewer|student)$") {
            call lectern_as_it_came;
        }
        if (req.http.x-lectern-bad || (req.http.x-lectern-for != "*" && req.http.x-lectern-for != req.http.x-lectern-channel)) {
            unset req.http.x-lectern-editor;
            unset req.http.x-lectern-token;
        }
        call lectern_drop_claims;
        return;
    }
    if (req.http.x-lectern-bad == "form" || req.http.x-lectern-bad == "unknown") {
        call lectern_as_it_came;
    }
    if (req.http.x-lectern-bad == "signature") {
        set req.http.x-lectern-problem = "token: the signature does not match";
        call lectern_refuse_401_bad;
    }
    if (req.http.x-lectern-bad == "expired") {
        set req.http.x-lectern-problem = "token expired at " + req.http.x-lectern-exp;
        call lectern_refuse_401_expired;
    }
    if (req.http.x-lectern-in-address && req.http.x-lectern-role !~ "^(viewer|student)$") {
        call lectern_as_it_came;
    }
    if (req.http.x-lectern-for != "*" && req.http.x-lectern-for != req.http.x-lectern-channel) {
        set req.http.x-lectern-problem = {"a token for channel \""} + req.http.x-lectern-for + {"\" does not open "} + req.http.x-lectern-channel;
        call lectern_refuse_403;
    }
    call lectern_drop_claims;
}

# A browser that shows an address gets the origin's page with the reason; that is rare, and is not worth a copy here.
sub lectern_as_it_came {
    set req.url = req.http.x-lectern-original;
    call lectern_drop_claims;
    return (pass);
}

sub lectern_refuse_401_no {
    if (req.http.Accept ~ "text/html") {
        call lectern_as_it_came;
    }
    return (synth(401, "no-token"));
}

sub lectern_refuse_401_bad {
    if (req.http.Accept ~ "text/html") {
        call lectern_as_it_came;
    }
    return (synth(401, "bad-token"));
}

sub lectern_refuse_401_expired {
    if (req.http.Accept ~ "text/html") {
        call lectern_as_it_came;
    }
    return (synth(401, "expired-token"));
}

sub lectern_refuse_403 {
    if (req.http.Accept ~ "text/html") {
        call lectern_as_it_came;
    }
    return (synth(403, "forbidden"));
}

# PURGE and BAN are for an operator of all channels, by header.
sub lectern_require_operator {
    if (req.http.Authorization !~ "(?i)^Bearer ") {
        set req.http.x-lectern-problem = "want an Authorization header: Bearer token";
        return (synth(401, "no-token"));
    }
    set req.http.x-lectern-token = regsub(req.http.Authorization, "(?i)^Bearer +", "");
    call lectern_read_token;
    if (req.http.x-lectern-bad == "expired") {
        set req.http.x-lectern-problem = "token expired at " + req.http.x-lectern-exp;
        return (synth(401, "expired-token"));
    }
    if (req.http.x-lectern-bad) {
        set req.http.x-lectern-problem = "token: the signature does not match";
        return (synth(401, "bad-token"));
    }
    if (req.http.x-lectern-role != "operator" || req.http.x-lectern-for != "*") {
        set req.http.x-lectern-problem = "a token for " + req.http.x-lectern-role + {" of \""} + req.http.x-lectern-for + {"\" does not allow this"};
        return (synth(403, "forbidden"));
    }
    call lectern_drop_claims;
}
