'use client';
import { useEffect } from 'react';
import { exchange } from './exchange';

/** Rendered on the server first, where it opens nothing. */
export default function Page() {
  useEffect(() => {
    const broker = new URLSearchParams(location.search).get('broker');
    void exchange(broker).then((result) => (document.title = `client ${result}`));
  }, []);
  return <p>rendered</p>;
}
