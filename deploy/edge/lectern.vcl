vcl 4.1;

# Lectern's edge: live, replay and pages for Varnish 7 and 8, and Vinyl Cache 9. What a site sets is in site.vcl; README.md explains.

import std;
import directors;

include "./site.vcl";

sub vcl_recv {
    call lectern_clean;
    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    if (req.method == "PURGE" || req.method == "BAN") {
        call lectern_forget;
    }
    if (req.method != "GET" && req.method != "HEAD") {
        # The body of an uplink lasts as long as its class.
        if (req.url ~ "^/ingest/") {
            return (pipe);
        }
        return (pass);
    }
    if (req.url ~ "^(/t/[A-Za-z0-9._-]{1,4096})?/(live|media|replay)/[a-z0-9-]{1,64}(/[a-z0-9._-]+)+(\?|$)") {
        call lectern_playback;
        return (hash);
    }
    if (req.url ~ "^/(library|watch/[a-z0-9-]+(/[a-z0-9-]+)?|assets/[A-Za-z0-9._/-]+|[a-z0-9_-]+\.[a-z0-9]+)?(\?|$)") {
        # Pages read their token from the fragment and their query by script: to the origin all requests are equal.
        set req.url = regsub(req.url, "\?.*$", "");
        unset req.http.Cookie;
        unset req.http.Authorization;
        return (hash);
    }
    # The API, the teacher's and the operator's pages, and addresses that are not quite right, which the origin redirects.
    return (pass);
}

# Takes out what only this file may set, and sends the request on its way.
sub lectern_clean {
    unset req.http.x-lectern-token;
    unset req.http.x-lectern-in-address;
    unset req.http.x-lectern-original;
    unset req.http.x-lectern-channel;
    unset req.http.x-lectern-editor;
    unset req.http.x-lectern-problem;
    unset req.http.x-lectern-whole;
    call lectern_site;
    if (req.method == "GET" || req.method == "HEAD") {
        # A request without a body: with one it could not be sent again.
        unset req.http.Content-Length;
        unset req.http.Transfer-Encoding;
    }
    set req.http.x-lectern-channel = regsub(req.url, "^(?:/t/[^/]*)?/(?:api/)?[a-z]+/([a-z0-9-]{1,64})(?:[/?].*)?$", "\1");
    set req.backend_hint = origins.backend(by=KEY, key=origins.key(req.http.x-lectern-channel), healthy=CHOSEN, resolve=NOW);
    if (!req.backend_hint) {
        set req.backend_hint = unprobed.backend(by=KEY, key=unprobed.key(req.http.x-lectern-channel), healthy=IGNORE, resolve=NOW);
    }
    call lectern_route;
}

# Playlists and media: the same for all who may have them. Their key is the path and what the origin reads of the query.
sub lectern_playback {
    set req.http.x-lectern-original = req.url;
    if (req.url ~ "^/t/") {
        set req.http.x-lectern-token = regsub(req.url, "^/t/([^/]+)/.*$", "\1");
        set req.http.x-lectern-in-address = "yes";
        set req.url = regsub(req.url, "^/t/[^/]+", "");
    } elsif (req.http.Authorization) {
        if (req.http.Authorization !~ "(?i)^Bearer ") {
            return (pass);
        }
        set req.http.x-lectern-token = regsub(req.http.Authorization, "(?i)^Bearer +", "");
    } elsif (req.http.Cookie ~ "(^|; *)lectern-token=") {
        set req.http.x-lectern-token = regsub(req.http.Cookie, "^(?:.*; *)?lectern-token=([^;]*).*$", "\1");
    }
    set req.http.x-lectern-channel = regsub(req.url, "^/[a-z]+/([a-z0-9-]+)/.*$", "\1");
    call lectern_query;
    call lectern_may_play;
    unset req.http.Cookie;
    unset req.http.Authorization;
    if (req.http.x-lectern-token) {
        # The origin checks it again, and gives an editor what was cut off for others; such answers are private.
        set req.http.Authorization = "Bearer " + req.http.x-lectern-token;
    }
    if (req.http.x-lectern-editor && (req.url ~ "^/replay/" || req.url ~ "[?&]start=")) {
        return (pass);
    }
    if (req.proto == "HTTP/1.0") {
        # Such a client cannot tell a body that broke from a whole one: it gets those with a length, from objects of their own.
        set req.http.x-lectern-whole = "yes";
    }
    unset req.http.x-lectern-token;
    unset req.http.x-lectern-in-address;
    unset req.http.x-lectern-original;
    unset req.http.x-lectern-editor;
}

# Of the query only what the origin reads is left, in one order.
sub lectern_query {
    if (req.url !~ "\?") {
        return;
    }
    if (req.url !~ "^/live/") {
        set req.url = regsub(req.url, "\?.*$", "");
        return;
    }
    set req.url = regsuball(req.url, "%5[Ff]", "_");
    set req.url = regsuball(req.url, "(?<=[?&])(?!(?:_HLS_msn|_HLS_part|_HLS_skip|start)(?:[=&]|$))[^&]*", "");
    set req.url = regsuball(req.url, "&{2,}", "&");
    set req.url = regsub(req.url, "\?&", "?");
    set req.url = regsub(req.url, "[?&]+$", "");
    set req.url = std.querysort(req.url);
}

sub vcl_hash {
    hash_data(req.url);
    hash_data(req.http.x-lectern-whole);
    return (lookup);
}

sub vcl_backend_fetch {
    unset bereq.http.x-lectern-token;
    unset bereq.http.x-lectern-in-address;
    unset bereq.http.x-lectern-original;
    unset bereq.http.x-lectern-editor;
    unset bereq.http.x-lectern-problem;
    if (bereq.retries > 0) {
        # The next origin; the same one where it is alone.
        set bereq.backend = origins.backend(by=KEY, key=origins.key(bereq.http.x-lectern-channel), alt=bereq.retries, healthy=CHOSEN, resolve=NOW);
        if (!bereq.backend) {
            set bereq.backend = unprobed.backend(by=KEY, key=unprobed.key(bereq.http.x-lectern-channel), alt=bereq.retries, healthy=IGNORE, resolve=NOW);
        }
    }
    if (bereq.http.x-lectern-whole || bereq.url ~ "^/media/") {
        # Media is not compressed; and unpacked on the way out, a text would have no length.
        unset bereq.http.Accept-Encoding;
    }
    if (bereq.uncacheable && bereq.url ~ "^/api/") {
        # Event streams, and exports that take their time.
        set bereq.first_byte_timeout = 120s;
        set bereq.between_bytes_timeout = 180s;
    } else {
        # An origin holds a request for 6 s at most: three target durations.
        set bereq.first_byte_timeout = 10s;
        set bereq.between_bytes_timeout = 10s;
    }
    return (fetch);
}

sub vcl_backend_response {
    # Asked of another origin within the request: an error, and media that an origin lacks since it was restarted. What the next one
    # says counts, and where there is none but this one, this does.
    if (bereq.retries == 0 && (bereq.method == "GET" || bereq.method == "HEAD")
        && (beresp.status >= 500 || (beresp.status == 404 && bereq.url ~ "^/media/"))
        && bereq.url ~ "^/((live|media|replay|watch|library|assets)(/.*)?)?$"
        && origins.backend(by=KEY, key=origins.key(bereq.http.x-lectern-channel), alt=1, healthy=CHOSEN, resolve=NOW) != bereq.backend) {
        return (retry);
    }
    if (bereq.uncacheable) {
        return (deliver);
    }
    # Nothing is served when it is no longer right, but for pages while they are asked for anew.
    set beresp.keep = 0s;
    set beresp.grace = 0s;
    set beresp.do_stream = !bereq.http.x-lectern-whole;
    if (beresp.status >= 400 && beresp.http.Cache-Control ~ "max-age=[1-9]") {
        # Said here, since most of these have no TTL by themselves. A hint that came too early may come true in the next moment.
        if (bereq.url ~ "^/media/") {
            set beresp.ttl = 0.1s;
        } else {
            set beresp.ttl = 1s;
        }
    } elsif (beresp.ttl > 1d) {
        # An edge that missed a PURGE forgets within a day.
        set beresp.ttl = 1d;
    }
    if (beresp.http.Set-Cookie || beresp.http.Cache-Control !~ "max-age" || beresp.http.Cache-Control ~ "(?i)(private|no-store|no-cache)" || beresp.ttl <= 0s) {
        # Hit-for-miss: for this long, requests for it do not wait for one another. With a TTL of 0 they would, one by one.
        set beresp.uncacheable = true;
        set beresp.ttl = 1s;
        return (deliver);
    }
    if (bereq.url !~ "^/(live|media|replay)/") {
        set beresp.grace = 10s;
        if (!beresp.http.Content-Encoding && beresp.http.Content-Type ~ "^(text/|application/(javascript|json)|image/svg)") {
            set beresp.do_gzip = true;
        }
    }
    # What bans compare, see lectern_forget; the lurker sees objects alone.
    set beresp.http.x-lectern-path = regsub(bereq.url, "\?.*$", "");
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.retries == 0 && (bereq.method == "GET" || bereq.method == "HEAD")) {
        return (retry);
    }
    set beresp.status = 503;
    set beresp.reason = "Service Unavailable";
    # Joined as well: clients that wait get this one answer, and the origins are not asked by each of them.
    set beresp.ttl = 0.5s;
    set beresp.grace = 0s;
    set beresp.http.Content-Type = "application/json; charset=utf-8";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Access-Control-Allow-Origin = "*";
    set beresp.http.X-Content-Type-Options = "nosniff";
    set beresp.body = """{"error":{"code":"origin-unavailable","message":"no origin answers the edge"}}
""";
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.x-lectern-path;
    # RFC 9211
    if (obj.hits > 0) {
        set resp.http.Cache-Status = "lectern-edge; hit";
    } else {
        set resp.http.Cache-Status = "lectern-edge; fwd=" + regsub(regsub(obj.uncacheable, "true", "bypass"), "false", "miss");
    }
    return (deliver);
}

sub vcl_pipe {
    if (req.http.Upgrade) {
        set bereq.http.Upgrade = req.http.Upgrade;
        set bereq.http.Connection = "Upgrade";
    } else {
        # One request: what follows on the connection would not be looked at.
        set bereq.http.Connection = "close";
    }
    return (pipe);
}

# PURGE {path}: one object. BAN with Lectern-Paths: all objects whose path matches an expression. See README.md.
sub lectern_forget {
    call lectern_require_operator;
    if (req.method == "PURGE") {
        if (req.url !~ "^/[A-Za-z0-9._/-]+$") {
            return (synth(400, "bad-input"));
        }
        # Both objects of a path: that for HTTP/1.0 too, which a purge by hash would leave.
        if (std.ban("obj.http.x-lectern-path == " + req.url)) {
            return (synth(200, "forgotten"));
        }
        return (synth(400, "bad-input"));
    }
    if (req.http.Lectern-Paths !~ "^\^/[][A-Za-z0-9^$()|?.*+\\/{},:_-]+$") {
        return (synth(400, "bad-input"));
    }
    if (std.ban("obj.http.x-lectern-path ~ " + req.http.Lectern-Paths)) {
        return (synth(200, "forgotten"));
    }
    return (synth(400, "bad-input"));
}

# A refusal as the origin words it: x-lectern-problem is its message, the reason its code.
sub vcl_synth {
    set resp.http.Content-Type = "application/json; charset=utf-8";
    set resp.http.Cache-Control = "no-store";
    set resp.http.Access-Control-Allow-Origin = "*";
    set resp.http.X-Content-Type-Options = "nosniff";
    if (resp.status == 200) {
        set resp.body = {"{"status":""} + resp.reason + """"}
""";
        set resp.reason = "OK";
        return (deliver);
    }
    if (resp.status == 401) {
        set resp.http.WWW-Authenticate = "Bearer";
    }
    if (!req.http.x-lectern-problem) {
        set req.http.x-lectern-problem = "the edge cannot do this: " + req.method;
    }
    if (resp.reason !~ "^[a-z]+(-[a-z]+)*$") {
        set resp.reason = "internal";
    }
    set resp.body = {"{"error":{"code":""} + resp.reason + {"","message":""} + req.http.x-lectern-problem + """"}}
""";
    if (resp.status == 401) {
        set resp.reason = "Unauthorized";
    } elsif (resp.status == 403) {
        set resp.reason = "Forbidden";
    } else {
        set resp.reason = "Error";
    }
    return (deliver);
}
