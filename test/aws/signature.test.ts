import { AwsClient } from 'aws4fetch';
import fc from 'fast-check';
import { hex, signature, signingKey } from '../../src/aws/signature.js';
import { signedUrl } from '../../src/aws/signed-url.js';

describe('Signature Version 4', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

  it('derives the key that AWS has published', async () => {
    const scope = { time: '20150830T123600Z', region: 'us-east-1', service: 'iam' };
    expect(hex(await signingKey(scope, secret))).toBe(
      'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
    );
  });

  it('signs the request that AWS has published', async () => {
    const request = [
      'GET',
      '/',
      'Action=ListUsers&Version=2010-05-08',
      'content-type:application/x-www-form-urlencoded; charset=utf-8',
      'host:iam.amazonaws.com',
      'x-amz-date:20150830T123600Z',
      '',
      'content-type;host;x-amz-date',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ].join('\n');
    const scope = { time: '20150830T123600Z', region: 'us-east-1', service: 'iam' };
    expect(await signature(request, scope, secret)).toBe(
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });

  it('signs the URL that AWS has published', async () => {
    const request = [
      'GET',
      '/test.txt',
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
        '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host',
      'host:examplebucket.s3.amazonaws.com',
      '',
      'host',
      'UNSIGNED-PAYLOAD',
    ].join('\n');
    const scope = { time: '20130524T000000Z', region: 'us-east-1', service: 's3' };
    expect(await signature(request, scope, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBe(
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });
});

describe('signedUrl', () => {
  const printable = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });

  it('[AWSIoTPythonSDK] configureIAMCredentials: is what aws4fetch makes of any input', async () => {
    const input = fc.record({
      account: fc.stringMatching(/^[a-z0-9]{5,14}$/),
      port: fc.constantFrom('', ':443', ':8443'),
      region: fc.constantFrom('eu-central-1', 'us-gov-west-1', 'cn-north-1'),
      accessKeyId: printable,
      secretAccessKey: printable,
      sessionToken: fc.option(printable, { nil: undefined }),
      now: fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2050, 0) }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ account, port, region, now, accessKeyId, secretAccessKey, sessionToken }) => {
        const host = `${account}-ats.iot.${region}.amazonaws.com${port}`;
        const credentials = { accessKeyId, secretAccessKey, sessionToken };
        const ours = new URL(await signedUrl(host, region, credentials, now));
        const client = new AwsClient({
          accessKeyId,
          secretAccessKey,
          ...(sessionToken === undefined ? {} : { sessionToken }),
        });
        const theirs = await client.sign(`https://${host}/mqtt`, {
          aws: {
            service: 'iotdevicegateway',
            region,
            signQuery: true,
            datetime: new Date(now).toISOString().replace(/[-:]|\.\d+/g, ''),
          },
        });
        const expected = new URL(theirs.url);
        expect(Object.fromEntries(ours.searchParams)).toEqual(Object.fromEntries(expected.searchParams));
        expect([ours.protocol, ours.host, ours.pathname]).toEqual(['wss:', expected.host, '/mqtt']);
      }),
      { numRuns: 300 },
    );
  });

  it('has the token behind the signature, and outside of it', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    const host = 'a-ats.iot.eu-central-1.amazonaws.com:443';
    const without = await signedUrl(host, 'eu-central-1', credentials, 0);
    const url = await signedUrl(host, 'eu-central-1', { ...credentials, sessionToken: 'a+/=(!)' }, 0);
    expect(url).toBe(`${without}&X-Amz-Security-Token=a%2B%2F%3D%28%21%29`);
  });
});
