import { exchange } from '../exchange';

export const runtime = 'edge';
export const dynamic = 'force-dynamic';

export async function GET(request) {
  return new Response(`edge ${await exchange(new URL(request.url).searchParams.get('broker'))}`);
}
