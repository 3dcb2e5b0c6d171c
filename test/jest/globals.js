/** Stands in for the package @jest/globals, for a suite of others' that imports it. One test file may import that. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globalThis;
