#include "cli/flag_groups.h"

namespace minim::cli {

namespace {

using enum FlagKind;

constexpr FlagSpec kGlobal[] = {
    {.name = "output",
     .kind = kChoice,
     .letter = 'o',
     .value = "FORM",
     .help = "text, json, jsonl or none",
     .choices = "text,json,jsonl,none",
     .fallback = "text"},
    {.name = "time-format",
     .kind = kChoice,
     .value = "FORM",
     .help = "relative, iso or raw",
     .choices = "relative,iso,raw",
     .fallback = "relative"},
    {.name = "color",
     .kind = kChoice,
     .value = "WHEN",
     .help = "always, never or auto",
     .choices = "always,never,auto",
     .fallback = "auto"},
    {.name = "no-json-shorthand-payloads",
     .kind = kSwitch,
     .help = "payloads in full, not as the JSON they hold"},
    {.name = "command-timeout",
     .kind = kDuration,
     .value = "D",
     .help = "for the whole command; 0: none"},
    {.name = "client-connect-timeout",
     .kind = kDuration,
     .value = "D",
     .help = "for each try to connect; 0: 20s"},
    {.name = "log-level",
     .kind = kChoice,
     .value = "LEVEL",
     .help = "debug shows each call on standard error",
     .choices = "debug,info,warn,error,never",
     .fallback = "never"},
    {.name = "log-format",
     .kind = kChoice,
     .value = "FORM",
     .help = "text or json",
     .choices = "text,json,pretty",
     .fallback = "text"},
    {.name = "disable-config-env", .kind = kSwitch, .help = "ignore the TEMPORAL_* variables"},
    {.name = "disable-config-file", .kind = kSwitch, .help = "ignore profile files"},
    {.name = "config-file", .value = "FILE", .help = "profile files are not read yet: refused"},
    {.name = "profile", .value = "NAME", .help = "the same"},
    {.name = "env", .value = "NAME", .help = "the same"},
    {.name = "env-file", .value = "FILE", .help = "the same"},
    {.name = "help", .kind = kSwitch, .letter = 'h', .help = "what a command does"},
};

constexpr FlagSpec kConnection[] = {
    {.name = "address",
     .value = "HOST:PORT",
     .help = "TEMPORAL_ADDRESS; HTTPS_PROXY, NO_PROXY",
     .fallback = "localhost:7233"},
    {.name = "namespace",
     .letter = 'n',
     .value = "NAME",
     .help = "TEMPORAL_NAMESPACE",
     .fallback = "default"},
    {.name = "api-key", .value = "KEY", .help = "TEMPORAL_API_KEY; implies TLS"},
    {.name = "api-key-file", .value = "FILE", .help = "the key's file; - is standard input"},
    {.name = "grpc-meta", .kind = kTexts, .value = "KEY=VALUE", .help = "TEMPORAL_GRPC_META_<KEY>"},
    {.name = "client-authority", .value = "NAME", .help = "TEMPORAL_CLIENT_AUTHORITY"},
    {.name = "identity", .value = "NAME", .help = "default: minim:<user>@<host>"},
    {.name = "tls", .kind = kSwitch, .help = "TEMPORAL_TLS; --tls=false switches it off"},
    {.name = "tls-ca-path", .value = "FILE", .help = "TEMPORAL_TLS_SERVER_CA_CERT_PATH"},
    {.name = "tls-ca-data", .value = "PEM", .help = "TEMPORAL_TLS_SERVER_CA_CERT_DATA"},
    {.name = "tls-cert-path", .value = "FILE", .help = "TEMPORAL_TLS_CLIENT_CERT_PATH"},
    {.name = "tls-cert-data", .value = "PEM", .help = "TEMPORAL_TLS_CLIENT_CERT_DATA"},
    {.name = "tls-key-path", .value = "FILE", .help = "TEMPORAL_TLS_CLIENT_KEY_PATH"},
    {.name = "tls-key-data", .value = "PEM", .help = "TEMPORAL_TLS_CLIENT_KEY_DATA"},
    {.name = "tls-server-name", .value = "NAME", .help = "TEMPORAL_TLS_SERVER_NAME"},
    {.name = "tls-disable-host-verification",
     .kind = kSwitch,
     .help = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"},
    {.name = "codec-endpoint", .value = "URL", .help = "codecs are not there yet: refused"},
    {.name = "codec-auth", .value = "TEXT", .help = "the same"},
    {.name = "codec-header", .kind = kTexts, .value = "KEY=VALUE", .help = "the same"},
};

constexpr FlagSpec kStart[] = {
    {.name = "type", .value = "NAME", .help = "workflow type", .alias = "name", .required = true},
    {.name = "task-queue",
     .letter = 't',
     .value = "NAME",
     .help = "where its workers poll",
     .required = true},
    {.name = "workflow-id", .letter = 'w', .value = "ID", .help = "default: a UUID"},
    {.name = "execution-timeout", .kind = kDuration, .value = "D"},
    {.name = "run-timeout", .kind = kDuration, .value = "D"},
    {.name = "task-timeout", .kind = kDuration, .value = "D", .fallback = "10s"},
    {.name = "memo", .kind = kTexts, .value = "KEY=JSON"},
    {.name = "search-attribute", .kind = kTexts, .value = "KEY=JSON"},
    {.name = "headers", .kind = kTexts, .value = "KEY=JSON"},
    {.name = "static-summary", .value = "TEXT"},
    {.name = "static-details", .value = "TEXT"},
    {.name = "priority-key", .kind = kNumber, .value = "1..5"},
    {.name = "fairness-key", .value = "KEY"},
    {.name = "fairness-weight", .kind = kFraction, .value = "W"},
};

constexpr FlagSpec kStartPolicy[] = {
    {.name = "id-reuse-policy",
     .kind = kChoice,
     .value = "POLICY",
     .help = "AllowDuplicate, AllowDuplicateFailedOnly,\nRejectDuplicate or TerminateIfRunning",
     .choices = "AllowDuplicate,AllowDuplicateFailedOnly,RejectDuplicate,TerminateIfRunning"},
    {.name = "id-conflict-policy",
     .kind = kChoice,
     .value = "POLICY",
     .help = "Fail, UseExisting or TerminateExisting",
     .choices = "Fail,UseExisting,TerminateExisting"},
    {.name = "fail-existing", .kind = kSwitch, .help = "fail if one of that id is running"},
    {.name = "start-delay", .kind = kDuration, .value = "D"},
    {.name = "cron", .value = "SPEC"},
};

constexpr FlagSpec kInput[] = {
    {.name = "input",
     .kind = kBytes,
     .letter = 'i',
     .value = "JSON",
     .help = "an argument; repeat it for more"},
    {.name = "input-file",
     .kind = kTexts,
     .value = "FILE",
     .help = "an argument's file; - is standard input"},
    {.name = "input-meta", .kind = kBytes, .value = "KEY=VALUE"},
    {.name = "input-base64", .kind = kSwitch},
};

constexpr FlagSpec kSignalInput[] = {
    {.name = "signal-name",
     .value = "NAME",
     .help = "the signal",
     .alias = "signal-type",
     .required = true},
    {.name = "signal-input",
     .kind = kBytes,
     .value = "JSON",
     .help = "an argument of the signal; may be repeated"},
    {.name = "signal-input-file", .kind = kTexts, .value = "FILE"},
    {.name = "signal-input-meta", .kind = kBytes, .value = "KEY=VALUE"},
    {.name = "signal-input-base64", .kind = kSwitch},
};

constexpr FlagSpec kReference[] = {
    {.name = "workflow-id", .letter = 'w', .value = "ID", .help = "the workflow", .required = true},
    {.name = "run-id", .letter = 'r', .value = "ID", .help = "one run of it; default: the latest"},
};

constexpr FlagSpec kTarget[] = {
    {.name = "workflow-id", .letter = 'w', .value = "ID", .help = "the workflow; or"},
    {.name = "query", .letter = 'q', .value = "FILTER", .help = "all that this list filter finds"},
    {.name = "run-id", .letter = 'r', .value = "ID", .help = "one run of the workflow"},
    {.name = "reason", .value = "TEXT", .help = "kept with the batch job"},
    {.name = "yes", .kind = kSwitch, .letter = 'y', .help = "do not ask before a batch"},
    {.name = "rps", .kind = kFraction, .value = "N", .help = "workflows a second in a batch"},
};

constexpr FlagSpec kHeader[] = {
    {.name = "headers", .kind = kTexts, .value = "KEY=JSON", .help = "sent with the request"},
};

constexpr FlagSpec kQuery[] = {
    {.name = "name", .value = "NAME", .help = "the query", .alias = "type", .required = true},
    {.name = "reject-condition",
     .kind = kChoice,
     .value = "COND",
     .help = "not_open or not_completed_cleanly",
     .choices = "not_open,not_completed_cleanly"},
};

}  // namespace

constinit const FlagGroup kGlobalFlags = kGlobal;
constinit const FlagGroup kConnectionFlags = kConnection;
constinit const FlagGroup kStartFlags = kStart;
constinit const FlagGroup kStartPolicyFlags = kStartPolicy;
constinit const FlagGroup kInputFlags = kInput;
constinit const FlagGroup kSignalInputFlags = kSignalInput;
constinit const FlagGroup kReferenceFlags = kReference;
constinit const FlagGroup kTargetFlags = kTarget;
constinit const FlagGroup kHeaderFlags = kHeader;
constinit const FlagGroup kQueryFlags = kQuery;

}  // namespace minim::cli
