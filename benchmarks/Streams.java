import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The work of the floor on Kafka Streams with exactly-once effects: one state put into a store and its changelog, one
 * event (or more) out for each event in. It checks no contract, keeps no log and answers no query.
 *
 * <p>Takes one argument, the JSON that benchmarks/floor.py describes as Work, and one more: a directory.
 */
public final class Streams {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        JsonNode work = JSON.readTree(arguments[0]);
        Properties settings = new Properties();
        String application = "streams-" + System.nanoTime();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, work.get("bootstrap").asText());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[1]);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        beginAt(work, application, settings);
        KafkaStreams streams = new KafkaStreams(topology(work), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        Thread.currentThread().join();
    }

    private static void beginAt(JsonNode work, String group, Properties settings) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        work.get("starts").fields().forEachRemaining(start -> offsets.put(
                new TopicPartition(work.get("topic").asText(), Integer.parseInt(start.getKey())),
                new OffsetAndMetadata(start.getValue().asLong())));
        try (Admin admin = Admin.create(settings)) {
            admin.alterConsumerGroupOffsets(group, offsets).all().get();
        }
    }

    private static Topology topology(JsonNode work) {
        return new Topology()
                .addSource("in", Serdes.String().deserializer(), Serdes.ByteArray().deserializer(),
                        work.get("topic").asText())
                .addProcessor("work", () -> new Answering(work), "in")
                .addStateStore(Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore("states"), Serdes.String(), Serdes.ByteArray()), "work")
                .addSink("out", work.get("target").asText(), Serdes.String().serializer(),
                        Serdes.ByteArray().serializer(), "work");
    }

    private static final class Answering implements Processor<String, byte[], String, byte[]> {
        private final String service;
        private final JsonNode outs;
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, byte[]> states;

        Answering(JsonNode work) {
            service = work.get("service").asText();
            outs = work.get("outs");
        }

        @Override
        public void init(ProcessorContext<String, byte[]> context) {
            this.context = context;
            states = context.getStateStore("states");
        }

        @Override
        public void process(Record<String, byte[]> record) {
            try {
                ObjectNode event = (ObjectNode) JSON.readTree(record.value());
                states.put(record.key(), JSON.writeValueAsBytes(event.get("data")));
                String cause = event.get("id").asText();
                for (JsonNode out : outs) {
                    event.put("id", service + "/0/1").put("source", service + "/0").put("type", out.asText());
                    event.put("dataschema", "urn:owlbus:" + out.asText() + ":1").put("causationid", cause);
                    context.forward(record.withValue(JSON.writeValueAsBytes(event)));
                }
            } catch (java.io.IOException error) {
                throw new java.io.UncheckedIOException(error);
            }
        }
    }
}
