package dev.poststation.milter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A milter on a real socket that does what a test says, right or wrong. What it hears is one line
/// each: the letter, and what follows with `|` for each NUL. Safe for any thread.
public final class ToyMilter implements AutoCloseable {
  private static final int ALL_PROTOCOL = 0;

  private final ServerSocket socket;
  private final Thread listening;
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final List<Socket> open = Collections.synchronizedList(new ArrayList<>());
  private final Map<Character, List<byte[]>> answers = Collections.synchronizedMap(new HashMap<>());
  private volatile byte[] terms = terms(6, 0x1FF, ALL_PROTOCOL);
  private volatile boolean frozen;
  private volatile char crash;

  public ToyMilter() {
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listening = Thread.ofVirtual().start(this::listen);
  }

  public int port() {
    return socket.getLocalPort();
  }

  /// What it answers the offer with.
  static byte[] terms(int version, int actions, int protocol) {
    return ByteBuffer.allocate(12).putInt(version).putInt(actions).putInt(protocol).array();
  }

  public ToyMilter agreeing(int version, int actions, int protocol) {
    terms = terms(version, actions, protocol);
    return this;
  }

  ToyMilter wanting(int stage, String macros) {
    var more = new ByteArrayOutputStream();
    more.writeBytes(terms);
    more.writeBytes(ByteBuffer.allocate(4).putInt(stage).array());
    more.writeBytes((macros + "\0").getBytes(ISO_8859_1));
    terms = more.toByteArray();
    return this;
  }

  ToyMilter agreeing(byte[] octets) {
    terms = octets;
    return this;
  }

  /// What it says to a command: packets as [#packet] makes them, or any octets.
  public ToyMilter says(char command, byte[]... packets) {
    answers.put(command, List.of(packets));
    return this;
  }

  /// The same, one letter each.
  public ToyMilter says(char command, String letters) {
    List<byte[]> packets = new ArrayList<>();
    letters.chars().forEach(letter -> packets.add(packet((char) letter, "")));
    answers.put(command, packets);
    return this;
  }

  /// A packet.
  ///
  /// @param text one octet per character, `|` for NUL
  public static byte[] packet(char letter, String text) {
    byte[] content = text.replace('|', '\0').getBytes(ISO_8859_1);
    return ByteBuffer.allocate(5 + content.length)
        .putInt(content.length + 1)
        .put((byte) letter)
        .put(content)
        .array();
  }

  /// A packet that begins with a number.
  public static byte[] packet(char letter, int number, String text) {
    String octets = "";
    for (int shift = 24; shift >= 0; shift -= 8) {
      octets += (char) ((number >>> shift) & 0xFF);
    }
    return packet(letter, octets + text);
  }

  /// From now on it takes connections and all that is said, and says nothing.
  public ToyMilter freeze() {
    frozen = true;
    return this;
  }

  /// At this command it hangs up, as one does of which a thread crashes.
  public ToyMilter hangsUpAt(char command) {
    crash = command;
    return this;
  }

  /// All that it has heard.
  public List<String> heard() {
    synchronized (heard) {
      return List.copyOf(heard);
    }
  }

  private void listen() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        var in = new DataInputStream(client.getInputStream())) {
      while (true) {
        byte[] packet = new byte[in.readInt()];
        in.readFully(packet);
        char letter = (char) packet[0];
        String text = new String(packet, 1, packet.length - 1, ISO_8859_1).replace('\0', '|');
        if (frozen) {
          continue;
        }
        if (letter == crash) {
          return;
        }
        if (letter == 'O') {
          client.getOutputStream().write(packet('O', new String(terms, ISO_8859_1)));
          heard.add("O");
          continue;
        }
        heard.add(letter + text);
        if (letter == 'Q') {
          return;
        }
        if (letter != 'D' && letter != 'A') {
          for (byte[] each : answers.getOrDefault(letter, List.of(packet('c', "")))) {
            client.getOutputStream().write(each);
          }
        }
      }
    } catch (EOFException e) {
      // The client hung up.
    } catch (IOException e) {
      heard.add("broken: " + e.getMessage());
    }
  }

  /// Ends all connections, as a restart does.
  public void hangUp() {
    try {
      synchronized (open) {
        for (Socket each : open) {
          each.close();
        }
        open.clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Ends all connections, as a crash does; new ones are refused.
  @Override
  public void close() {
    try {
      socket.close();
      listening.join(); // As long as it accepts, the port is open.
      hangUp();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
