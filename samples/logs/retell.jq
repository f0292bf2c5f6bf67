# Retells a run from its log:
#   cdrx run nightly.yaml --verbose --log-format json 2> run.log; jq -rsf retell.jq run.log
def of(name): map(select(.event == name));
def about: [.stream, .account, .window] | map(values) | join("/");
def times: if length == 1 then "once" else "\(length) times" end;
def total(f): map(f) | add // 0 | . * 1000 | round / 1000;

(of("run_started")[0]) as $began | (of("run_ended")[0]) as $ended
| "Run \($began.run) of \($began.pipeline): \($began.windows) windows to export.",
  (of("window_resumed")[] | "\(about) went on with \(.rows) rows of an earlier run."),
  (of("logged_in") | group_by(.renewal)[] | "Logged in \(times)\(if .[0].renewal then " again" else "" end)."),
  (of("request_retried") | group_by([.stream, .code])[]
    | "\(.[0].stream) was asked again \(times) after \(.[0].code), with \(total(.pause_seconds)) s of pauses."),
  (of("account_throttled") | group_by([.stream, .account])[]
    | "\(.[0].stream)/\(.[0].account) was slowed down \(times), to \(map(.requests_per_second) | min) requests a second."),
  (of("window_ended") | map(select(.level == "error"))[] | "\(about) \(.state): \(.reason)"),
  (of("partition_published") | group_by(.stream)[] | "\(.[0].stream): \(length) partitions with \(total(.rows)) rows."),
  "It ended with exit code \($ended.exit_code) after \($ended.seconds) s and \($ended.requests) requests."
