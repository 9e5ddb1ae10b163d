package dev.poststation.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// A name server on a loopback port whose answers a test makes up, right or wrong, over UDP and
/// TCP.
final class ToyNameServer implements AutoCloseable {
  /// What it does with a question: the datagrams to send back, in this order; none for silence.
  interface Script {
    List<byte[]> answer(Message question, boolean tcp) throws IOException;
  }

  final List<String> asked = new CopyOnWriteArrayList<>();
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final InetSocketAddress address;
  private final Script script;

  ToyNameServer(Script script) throws IOException {
    this.script = script;
    var loopback = InetAddress.getLoopbackAddress();
    this.tcp = new ServerSocket(0, 50, loopback);
    this.udp = new DatagramSocket(tcp.getLocalPort(), loopback);
    this.address = new InetSocketAddress(loopback, tcp.getLocalPort());
    Thread.ofVirtual().start(this::serveUdp);
    Thread.ofVirtual().start(this::serveTcp);
  }

  /// One that answers each question with one message.
  static ToyNameServer saying(Saying saying) throws IOException {
    return new ToyNameServer((question, _) -> List.of(saying.to(question).toWire()));
  }

  interface Saying {
    Message to(Message question) throws IOException;
  }

  static ToyNameServer silent() throws IOException {
    return new ToyNameServer((_, _) -> List.of());
  }

  InetSocketAddress address() {
    return address;
  }

  /// An answer to the question, of a server that asks on, with records in zone file form in the
  /// answer section.
  static Message answer(Message question, int rcode, String... records) throws IOException {
    var message = reply(question, rcode);
    for (String line : records) {
      message.addRecord(parse(line), Section.ANSWER);
    }
    return message;
  }

  /// "No", with the SOA that says so.
  static Message nothing(Message question, int rcode, int negativeTtl) throws IOException {
    var message = reply(question, rcode);
    message.addRecord(
        parse("test. 3600 IN SOA ns.test. root.test. 1 3600 600 86400 " + negativeTtl),
        Section.AUTHORITY);
    return message;
  }

  static Message reply(Message question, int rcode) {
    var message = new Message(question.getHeader().getID());
    message.getHeader().setFlag(Flags.QR);
    message.getHeader().setFlag(Flags.RD);
    message.getHeader().setFlag(Flags.RA);
    message.getHeader().setRcode(rcode);
    message.addRecord(question.getQuestion(), Section.QUESTION);
    return message;
  }

  /// `name ttl IN type rdata`.
  static Record parse(String line) throws IOException {
    String[] words = line.split(" ", 5);
    int type = Type.value(words[3]);
    var name = Name.fromString(words[0], Name.root);
    return Record.fromString(name, type, DClass.IN, Long.parseLong(words[1]), words[4], Name.root);
  }

  private void serveUdp() {
    try {
      while (true) {
        var packet = new DatagramPacket(new byte[4096], 4096);
        udp.receive(packet);
        byte[] wire = Arrays.copyOf(packet.getData(), packet.getLength());
        Thread.ofVirtual().start(() -> serve(wire, packet.getSocketAddress()));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(byte[] wire, SocketAddress from) {
    try {
      for (byte[] answer : answers(wire, false)) {
        udp.send(new DatagramPacket(answer, answer.length, from));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serveTcp() {
    try {
      while (true) {
        try (var socket = tcp.accept()) {
          var in = new DataInputStream(socket.getInputStream());
          byte[] wire = in.readNBytes(in.readUnsignedShort());
          var out = new DataOutputStream(socket.getOutputStream());
          for (byte[] answer : answers(wire, true)) {
            out.writeShort(answer.length);
            out.write(answer);
          }
        }
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private List<byte[]> answers(byte[] wire, boolean overTcp) throws IOException {
    var question = new Message(wire);
    var record = question.getQuestion();
    asked.add((overTcp ? "tcp " : "") + record.getName() + " " + Type.string(record.getType()));
    return new ArrayList<>(script.answer(question, overTcp));
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
