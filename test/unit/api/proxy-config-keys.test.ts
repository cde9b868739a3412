import { describe, expect, test } from '@jest/globals';
import { parseKeyFile } from '../../../src/api/proxy-config-keys.ts';

const SECRET = 'sixteen-letters!';

function placesOf(text: string): string[] {
  const parsed = parseKeyFile(text);
  return parsed.ok ? [] : parsed.problems.map(({ path, code }) => `${path} ${code}`);
}

describe('a key file', () => {
  test('has one key a line, in order, with comments, blanks and either end of line', () => {
    expect(parseKeyFile(`# mesh\r\n\r\n  new \t ${SECRET} \r\nold another-secret-text\n`)).toEqual({
      ok: true,
      value: [
        { id: 'new', secret: SECRET },
        { id: 'old', secret: 'another-secret-text' },
      ],
    });
  });

  test.each([
    ['', 'mesh.keyFile CONFIG_REQUIRED'],
    ['\n# nothing\n', 'mesh.keyFile CONFIG_REQUIRED'],
    [`\n${'x'.repeat(20)}`, 'mesh.keyFile line 2 CONFIG_VALUE'],
    [`first ${SECRET} more`, 'mesh.keyFile line 1 CONFIG_VALUE'],
    ['first short', 'mesh.keyFile line 1.secret CONFIG_VALUE'],
    [`-- ${SECRET}`, 'mesh.keyFile line 1.id CONFIG_VALUE'],
    [`a ${SECRET}\na ${SECRET}`, 'mesh.keyFile line 2.id CONFIG_DUPLICATE'],
  ])('of %j has a problem', (text, place) => {
    expect(placesOf(text)).toEqual([place]);
  });

  test('tells all its problems at once', () => {
    expect(placesOf('alone\nfirst short\n')).toHaveLength(2);
  });

  test('is not quoted', () => {
    expect(JSON.stringify(parseKeyFile('onlyASecretThatIsLong'))).not.toContain('onlyASecret');
    expect(JSON.stringify(parseKeyFile('first hunter2'))).not.toContain('hunter2');
  });
});
