/**
 * Timeouts and intervals of this server, in milliseconds. One record, so that tests can shorten them; operators do not set them. The
 * settings for operators are in config.ts.
 */
export type Timings = {
  /** How long a process holds a job without renewing its lease. */
  leaseMs: number;
  /** Renews all leases of the process, and finds its canceled jobs. */
  heartbeatIntervalMs: number;
  /** Looks for jobs that no process holds. */
  sweepIntervalMs: number;
  /** Delay before a prompt that its backend lost is submitted again; multiplied by the attempt. */
  promptRetryDelayMs: number;
  /** How long we keep trying to cancel a prompt that was submitted after the lease had expired. */
  unwantedPromptTimeoutMs: number;
  /** After this a canceled generation is CANCELED, even if its backend has not confirmed that the prompt is gone. */
  cancelConfirmTimeoutMs: number;
  /** Delay after a failed upload to a backend. */
  uploadRetryDelayMs: number;
  /** Delay between attempts to fetch and store an output; doubled after each. */
  outputRetryDelayMs: number;
  /** Minimum time between two writes of a job's progress, and between two previews. */
  progressIntervalMs: number;
  previewIntervalMs: number;
  /** Looks for generations past QUEUE_TIMEOUT_SECONDS. */
  queueTimeoutIntervalMs: number;
  /** Removes files and rows that are no longer needed. */
  cleanIntervalMs: number;
  /** Searches for files without a row. One that two searches find is removed: no file waits that long for its row. */
  strayFileIntervalMs: number;
  /** Deletes generations beyond KEEP_DAYS, KEEP_COUNT and KEEP_BYTES. It reads all generations. */
  retentionIntervalMs: number;

  /** Looks for due deliveries. */
  deliveryIntervalMs: number;
  /** Delay before the same when an attempt has ended, and the next one may begin. */
  deliveryPauseMs: number;
  /** Timeout of one attempt to deliver. */
  deliveryTimeoutMs: number;
  /** How long a process holds a delivery that it sends. */
  deliveryLeaseMs: number;
  /** Delay before the second attempt to deliver; the later ones are multiples of it. */
  deliveryRetryDelayMs: number;

  /** Reads the state and the queue of each backend. */
  backendCheckIntervalMs: number;
  /** Reads the node classes and models of each backend. */
  catalogueIntervalMs: number;
  /** How long prompts may wait on a backend that executes none before it is OFFLINE. */
  idleBackendTimeoutMs: number;
  /** How long a backend may execute one prompt without a message before it is OFFLINE. Healthy nodes are silent for up to 40 s. */
  silentBackendTimeoutMs: number;
  /** How long a backend may execute an interrupted prompt before it is OFFLINE. */
  interruptTimeoutMs: number;
  /** A prompt that fails sooner did no work: the backend may be the cause. */
  instantFailureMs: number;
  /** Delay before a backend whose prompts all fail gets one job as a probe. Doubled after each probe, up to the maximum below. */
  probeIntervalMs: number;
  maxProbeIntervalMs: number;
  /** How long a backend may be OFFLINE before its jobs fail over to other backends. */
  failoverTimeoutMs: number;

  /** Reads the queue positions of watched generations. */
  positionsIntervalMs: number;
  /** Reads every watched row, in case a notification was lost. */
  recheckIntervalMs: number;
  /** The same if LISTEN receives no notifications. */
  recheckWithoutNotifyIntervalMs: number;
  /** Checks the credentials of open sockets and streams, in case a notification was lost. */
  credentialCheckIntervalMs: number;
  /** How long a used refresh token still returns its successor: for a second tab, and for a lost response. */
  refreshGraceMs: number;
  /** How long a socket may take to send `connection_init` and be authenticated. */
  connectionInitTimeoutMs: number;
  /** Interval of pings. A socket that has not responded by the next ping is closed. Proxies close silent connections after a minute. */
  socketPingIntervalMs: number;
  /** Closes the connection of an unfinished request that neither sends nor receives for this long. */
  stalledRequestTimeoutMs: number;

  /** How long a connection to the object store may take to open, and how long it may be silent during a request. */
  s3ConnectTimeoutMs: number;
  s3SilenceTimeoutMs: number;

  /** How long the first connection to DATABASE_URL and its first query may take at start. */
  databaseConnectTimeoutMs: number;
  /** How long any other connection to the database may take to open, and how long a request waits for a free one. */
  connectionTimeoutMs: number;
  /** Delay before the pool grows again after PostgreSQL refused a connection; doubled each time that this was too early. */
  poolGrowIntervalMs: number;
  /** How long a start waits for a free connection: pools close connections that are idle for ten seconds. */
  databaseFullTimeoutMs: number;
  /** How long a start waits for the previous server, which may be closing or just killed, to release DATA_DIR. */
  dataDirTimeoutMs: number;
  /** Interval and timeout of the check of the pinned connection. */
  pinnedConnectionCheckMs: number;
  /** Maximum for one statement: longer than any of ours takes, and not much longer than a lease. */
  statementTimeoutMs: number;
  /** Ends the transaction of a frozen process, which would otherwise keep its locks. */
  idleTransactionTimeoutMs: number;
};

export const TIMINGS: Timings = {
  leaseMs: 12_000,
  heartbeatIntervalMs: 3_000,
  sweepIntervalMs: 1_000,
  promptRetryDelayMs: 1_000,
  unwantedPromptTimeoutMs: 10_000,
  cancelConfirmTimeoutMs: 30_000,
  uploadRetryDelayMs: 2_000,
  outputRetryDelayMs: 250,
  progressIntervalMs: 250,
  previewIntervalMs: 1_000,
  queueTimeoutIntervalMs: 2_000,
  cleanIntervalMs: 60_000,
  strayFileIntervalMs: 3_600_000,
  retentionIntervalMs: 3_600_000,

  deliveryIntervalMs: 1_000,
  deliveryPauseMs: 100,
  deliveryTimeoutMs: 15_000,
  deliveryLeaseMs: 60_000,
  deliveryRetryDelayMs: 5_000,

  backendCheckIntervalMs: 2_000,
  catalogueIntervalMs: 60_000,
  idleBackendTimeoutMs: 15_000,
  silentBackendTimeoutMs: 50_000,
  interruptTimeoutMs: 60_000,
  instantFailureMs: 2_000,
  probeIntervalMs: 10_000,
  maxProbeIntervalMs: 300_000,
  failoverTimeoutMs: 60_000,

  positionsIntervalMs: 1_000,
  recheckIntervalMs: 5_000,
  recheckWithoutNotifyIntervalMs: 1_000,
  credentialCheckIntervalMs: 3_000,
  refreshGraceMs: 30_000,
  connectionInitTimeoutMs: 3_000,
  socketPingIntervalMs: 12_000,
  stalledRequestTimeoutMs: 40_000,

  s3ConnectTimeoutMs: 5_000,
  s3SilenceTimeoutMs: 30_000,

  databaseConnectTimeoutMs: 5_000,
  connectionTimeoutMs: 10_000,
  databaseFullTimeoutMs: 15_000,
  poolGrowIntervalMs: 10_000,
  dataDirTimeoutMs: 5_000,
  pinnedConnectionCheckMs: 5_000,
  statementTimeoutMs: 15_000,
  idleTransactionTimeoutMs: 10_000,
};
