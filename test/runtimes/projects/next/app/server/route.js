import { exchange } from '../exchange';

export const dynamic = 'force-dynamic';

/** Over TCP, which the Node face alone has. */
export async function GET(request) {
  return new Response(`server ${await exchange(new URL(request.url).searchParams.get('broker'))}`);
}
