export const HELP = `Usage: rxmqtt <command> [options]

  rxmqtt broker      runs a broker: MQTT 5, 3.1.1 and 3.1
  rxmqtt passwd      makes a line of the broker's users file

  -h, --help         of a command as well: rxmqtt broker --help
      --version      prints the version`;

export const BROKER_HELP = `Usage: rxmqtt broker [options]

      --port PORT    of the TCP listener; 0 takes a free one   [1883]
      --ws PORT      of a WebSocket listener as well, at /mqtt
      --host HOST    where to listen; 0.0.0.0 is everywhere    [127.0.0.1]
      --cert FILE    certificate chain (PEM); with --key, both listeners speak TLS
      --key FILE     its private key (PEM)
      --users FILE   who may connect, a line a user: name:password, or as rxmqtt passwd prints it
      --origins LIST pages of other hosts that may connect, with commas between them; * for all, null for files
      --store DIR    keep sessions, queues and retained messages there (needs classic-level)
  -v, --verbose      log connections, disconnections and subscriptions
  -h, --help

Ends in order at SIGINT and SIGTERM.`;

export const PASSWD_HELP = `Usage: rxmqtt passwd NAME [< FILE]

Asks for a password twice and shows nothing of it, or reads it from the standard input, and prints a line for
the file of rxmqtt broker --users: NAME, a colon, and a salted scrypt hash.

  -h, --help`;
