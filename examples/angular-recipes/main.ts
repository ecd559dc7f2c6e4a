import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideMqtt } from 'rxmqtt/angular';
import { HallCard } from './hall-card.js';

bootstrapApplication(HallCard, {
  providers: [
    provideZonelessChangeDetection(),
    provideMqtt({ url: '/mqtt', reconnect: { minDelay: 200, maxDelay: 2000 } }),
  ],
}).catch(console.error);
