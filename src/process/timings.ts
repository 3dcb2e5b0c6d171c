/**
 * How long this server waits, and how often it looks, in milliseconds: what nobody who runs it has to set, in one record, so that a test
 * waits for less. What an operator does set is in config.ts.
 */
export type Timings = {
  /** How long a job belongs to a process that does not renew its lease. */
  leaseMs: number;
  /** Renews all leases of the process, and shows it which of its jobs are unwanted. */
  heartbeatIntervalMs: number;
  /** Looks for jobs that nobody holds. */
  sweepIntervalMs: number;
  /** Before a prompt that its backend lost is sent again; for each attempt as much again. */
  sendAgainDelayMs: number;
  /** How long a prompt is canceled that was sent after the lease had run out. */
  takeBackTimeoutMs: number;
  /** After this a canceled generation is CANCELED, also where its backend has not confirmed that the prompt is gone. */
  cancelConfirmTimeoutMs: number;
  /** After an upload to a backend that does not answer. */
  uploadRetryDelayMs: number;
  /** Between tries to fetch or store a picture: doubled after each. */
  pictureRetryDelayMs: number;
  /** Between two writes of a job's progress, and between two of its previews. */
  progressIntervalMs: number;
  previewIntervalMs: number;
  /** Looks for generations whose QUEUE_TIMEOUT_SECONDS are over. */
  queueTimeoutIntervalMs: number;
  /** Looks for files and rows that are not needed any more. */
  cleanIntervalMs: number;

  /** Asks each backend for its state and queue. */
  backendCheckIntervalMs: number;
  /** Reads what each backend offers. */
  catalogueIntervalMs: number;
  /** How long prompts may wait on a backend that runs none, before it is OFFLINE. */
  idleBackendTimeoutMs: number;
  /** How long a backend may show the same prompt running without a sign of life, before it is OFFLINE. Honest nodes are silent for 40 s. */
  silentBackendTimeoutMs: number;
  /** How long a backend may go on with a prompt that it was asked to stop, before it is OFFLINE. */
  deafBackendTimeoutMs: number;
  /** A prompt that fails sooner than this did no work: the backend may be why. */
  instantFailureMs: number;
  /** Before a backend whose prompts all fail is given one job as a probe. Doubled after each probe, up to the longest. */
  probeIntervalMs: number;
  longestProbeIntervalMs: number;
  /** After this the jobs of a backend that is OFFLINE go elsewhere. */
  awayTimeoutMs: number;

  /** Reads the places in the queue of what is watched and waits. */
  positionsIntervalMs: number;
  /** Reads every watched row, in case a hint was lost. */
  recheckIntervalMs: number;
  /** The same where LISTEN hears nothing. */
  recheckUnheardIntervalMs: number;
  /** Looks whether the credentials of open sockets and streams are still good, in case a hint was lost. */
  credentialCheckIntervalMs: number;
  /** How long a refresh token that was used still returns its successor: for a second tab, and for a response that was lost. */
  refreshGraceMs: number;
  /** How long a socket may take to send `connection_init`, and the database to know who that is. */
  connectionInitTimeoutMs: number;
  /** A socket that has not answered one ping by the next is closed. Under the minute after which proxies cut what is silent. */
  socketPingIntervalMs: number;
  /** A request in the middle of which nothing is sent or taken for this long is cut off. */
  stalledRequestTimeoutMs: number;

  /** How long DATABASE_URL may take to answer when the server starts. */
  databaseConnectTimeoutMs: number;
  /** How long any other connection to the database may take to open, and how long a request waits for a free one. */
  connectionTimeoutMs: number;
  /** After PostgreSQL has refused a connection, the pool tries for more: after twice as long each time that this was too early. */
  poolGrowIntervalMs: number;
  /** How long a start waits while PostgreSQL has no connection left: a pool closes those that are idle for ten seconds. */
  databaseFullTimeoutMs: number;
  /** How long a start waits for the server before, which may be closing or just be killed, to let go of DATA_DIR. */
  dataDirTimeoutMs: number;
  /** Asks on the connection that shows this process alive whether it still works, and waits as long for the answer. */
  pinnedConnectionCheckMs: number;
  /** For one statement: longer than any of ours takes, and not much longer than a lease. */
  statementTimeoutMs: number;
  /** A process that froze in the middle of a transaction would keep all others from what that has locked. */
  idleTransactionTimeoutMs: number;
};

export const TIMINGS: Timings = {
  leaseMs: 12_000,
  heartbeatIntervalMs: 3_000,
  sweepIntervalMs: 1_000,
  sendAgainDelayMs: 1_000,
  takeBackTimeoutMs: 10_000,
  cancelConfirmTimeoutMs: 30_000,
  uploadRetryDelayMs: 2_000,
  pictureRetryDelayMs: 250,
  progressIntervalMs: 250,
  previewIntervalMs: 1_000,
  queueTimeoutIntervalMs: 2_000,
  cleanIntervalMs: 60_000,

  backendCheckIntervalMs: 2_000,
  catalogueIntervalMs: 60_000,
  idleBackendTimeoutMs: 15_000,
  silentBackendTimeoutMs: 50_000,
  deafBackendTimeoutMs: 60_000,
  instantFailureMs: 2_000,
  probeIntervalMs: 10_000,
  longestProbeIntervalMs: 300_000,
  awayTimeoutMs: 60_000,

  positionsIntervalMs: 1_000,
  recheckIntervalMs: 5_000,
  recheckUnheardIntervalMs: 1_000,
  credentialCheckIntervalMs: 3_000,
  refreshGraceMs: 30_000,
  connectionInitTimeoutMs: 3_000,
  socketPingIntervalMs: 12_000,
  stalledRequestTimeoutMs: 40_000,

  databaseConnectTimeoutMs: 5_000,
  connectionTimeoutMs: 10_000,
  databaseFullTimeoutMs: 15_000,
  poolGrowIntervalMs: 10_000,
  dataDirTimeoutMs: 5_000,
  pinnedConnectionCheckMs: 5_000,
  statementTimeoutMs: 15_000,
  idleTransactionTimeoutMs: 10_000,
};
