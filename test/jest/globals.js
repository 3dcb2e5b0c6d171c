/** Replaces @jest/globals for a third-party suite that imports it. Only one test file may import that suite. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globalThis;
