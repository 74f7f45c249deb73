# In place of tokens.vcl where access is open and there is no vmod_digest (Alpine, Fedora). Whoever sends a token is passed to the
# origin, which judges it.

sub lectern_may_play {
    if (req.http.x-lectern-token) {
        set req.url = req.http.x-lectern-original;
        return (pass);
    }
}

# PURGE and BAN need a token that is checked; `varnishadm ban` does the same from the edge's own machine.
sub lectern_require_operator {
    set req.http.x-lectern-problem = "this edge checks no tokens: use varnishadm on its machine";
    return (synth(403, "forbidden"));
}
