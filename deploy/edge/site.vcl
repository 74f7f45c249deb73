# What a site sets. Two origins; for one, leave the second out in all places. Readable by root and the group of varnishd alone: it
# has the secret in it.

# "./without-tokens.vcl" where access is open and vmod_digest is missing.
include "./tokens.vcl";

sub lectern_site {
    # As `access` in lectern.yaml: "open" or "token". With "token" set `edgeChecksTokens: true` there.
    set req.http.x-lectern-access = "open";
    # With `http.basePath` in lectern.yaml:
    # set req.url = regsub(req.url, "^/lectern(?=/|\?|$)", "");
}

sub lectern_sign {
    # LECTERN_SECRET between the quotes.
    set req.http.x-lectern-signature = digest.hmac_sha256({"the secret of lectern"}, req.http.x-lectern-signed);
}

# Where other roles run apart from the origins: paths that go elsewhere.
sub lectern_route {
    # if (req.url ~ "^/(api/)?rollcall(/|$)") { set req.backend_hint = gateway; }
    # if (req.url ~ "^/api/ingest(/|$)") { set req.backend_hint = ingest; }
}

probe ready {
    .url = "/healthz";
    .interval = 1s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
    # Taken as ready at the start: an edge that was restarted serves at once.
    .initial = 3;
}

backend origin_1 {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 1s;
    .probe = ready;
}

backend origin_2 {
    .host = "127.0.0.1";
    .port = "8081";
    .connect_timeout = 1s;
    .probe = ready;
}

# The same without a probe: asked while no origin is ready, since one that is not may still play (its roll call may wait for Redis).
backend origin_1_unprobed {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 1s;
}

backend origin_2_unprobed {
    .host = "127.0.0.1";
    .port = "8081";
    .connect_timeout = 1s;
}

# A channel has one origin as long as that is ready, and the next one after it.
sub vcl_init {
    new origins = directors.shard();
    origins.add_backend(origin_1);
    origins.add_backend(origin_2);
    origins.reconfigure();
    new unprobed = directors.shard();
    unprobed.add_backend(origin_1_unprobed);
    unprobed.add_backend(origin_2_unprobed);
    unprobed.reconfigure();
}
