/** Lists the slowest tests at the end of a run. */
const SHOWN = 20;
const MIN_SHOWN_MS = 1_000;

export default class Slowest {
  onRunComplete(_, { testResults }) {
    const tests = testResults.flatMap(({ testFilePath, testResults }) =>
      testResults.map(({ fullName, duration }) => ({
        file: testFilePath.replace(/^.*\/test\//, ''),
        fullName,
        ms: duration ?? 0,
      })),
    );
    const slowest = tests.filter(({ ms }) => ms >= MIN_SHOWN_MS).sort((a, b) => b.ms - a.ms);
    if (slowest.length === 0) return;
    console.log('\nThe slowest tests, in seconds:');
    for (const { file, fullName, ms } of slowest.slice(0, SHOWN))
      console.log(`${(ms / 1000).toFixed(1).padStart(6)}  ${file}  ${fullName}`);
  }
}
