import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.StringJoiner;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultiMatchingQueries;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.spans.SpanNearQuery;
import org.apache.lucene.search.spans.SpanQuery;
import org.apache.lucene.search.spans.SpanTermQuery;

/**
 * Lucene Monitor as one of the candidates that take turns: reads commands on standard input, answers each with a line
 * of JSON, just as benchmarks/turns.py does. Arguments: the folder with rules, learning and unseen; how many rules;
 * "one" (a release at a time) or "batch" (a round at a time, filtered in several passes, its fastest way). Matches are
 * timed by the processor time of the thread that matches; the compiler and the collector are not charged.
 */
public final class Rival {
    private static final int AT_ONCE = 10_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final boolean batch;
    private final Monitor monitor;
    private final List<String> rules;
    private final List<Document> learning;
    private final List<Document> unseen;

    private Rival(Path folder, boolean batch) throws Exception {
        this.batch = batch;
        rules = Files.readAllLines(folder.resolve("rules"));
        learning = documents(folder.resolve("learning"));
        unseen = documents(folder.resolve("unseen"));
        MonitorConfiguration configuration = new MonitorConfiguration();
        configuration.setQueryUpdateBufferSize(2 * AT_ONCE);
        monitor = new Monitor(
            analyzer(),
            batch ? new MultipassTermFilteredPresearcher(2) : new TermFilteredPresearcher(),
            configuration);
    }

    private void takeIn(int size) throws Exception {
        for (int from = 0; from < size; from += AT_ONCE) {
            List<MonitorQuery> some = new ArrayList<>();
            for (int number = from; number < Math.min(size, from + AT_ONCE); number++) {
                some.add(query(number));
            }
            monitor.register(some);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Rival rival = new Rival(Path.of(arguments[0]), arguments[2].equals("batch"));
        long before = used();
        long began = System.nanoTime();
        rival.takeIn(Integer.parseInt(arguments[1]));
        double seconds = since(began);
        System.out.printf("{\"seconds\": %.6f, \"bytes\": %d}%n", seconds, used() - before);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            System.out.println(rival.obey(words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2])));
        }
        System.exit(0);
    }

    private String obey(String command, int first, int second) throws Exception {
        switch (command) {
            case "warm":
                return warm(first);
            case "match":
                return match(unseen.subList(first, second), false);
            case "answer":
                return match(unseen.subList(first, second), true);
            default:
                return change(first, second);
        }
    }

    /** Reads the learning half, again and again, so that the compiler has done its work. */
    private String warm(int seconds) throws Exception {
        long began = System.nanoTime();
        int read = 0;
        for (; since(began) < seconds; read += 20) {
            int from = read % (learning.size() - 20);
            match(learning.subList(from, from + 20), false);
        }
        return String.format("{\"seconds\": %.6f, \"read\": %d}", since(began), read);
    }

    private String match(List<Document> some, boolean told) throws Exception {
        long began = THREADS.getCurrentThreadCpuTime();
        List<List<String>> found = batch ? together(some) : apart(some);
        double seconds = (THREADS.getCurrentThreadCpuTime() - began) / 1e9;
        StringJoiner answers = new StringJoiner(", ", "[", "]");
        found.forEach(one -> answers.add(told ? "[" + String.join(", ", one) + "]" : "" + one.size()));
        return String.format("{\"seconds\": %.6f, \"answers\": %s}", seconds, answers);
    }

    private List<List<String>> apart(List<Document> some) throws Exception {
        List<List<String>> found = new ArrayList<>();
        for (Document document : some) {
            List<String> met = new ArrayList<>();
            for (QueryMatch one : monitor.match(document, QueryMatch.SIMPLE_MATCHER).getMatches()) {
                met.add(one.getQueryId());
            }
            found.add(met);
        }
        return found;
    }

    private List<List<String>> together(List<Document> some) throws Exception {
        MultiMatchingQueries<QueryMatch> all =
            monitor.match(some.toArray(new Document[0]), QueryMatch.SIMPLE_MATCHER);
        List<List<String>> found = new ArrayList<>();
        for (int place = 0; place < some.size(); place++) {
            List<String> met = new ArrayList<>();
            for (QueryMatch one : all.getMatches(place)) {
                met.add(one.getQueryId());
            }
            found.add(met);
        }
        return found;
    }

    /** Takes in rules one by one and drops them again: the mean of each. */
    private String change(int first, int last) throws Exception {
        long began = System.nanoTime();
        for (int number = first; number < last; number++) {
            monitor.register(query(number));
        }
        double added = since(began) / (last - first);
        began = System.nanoTime();
        for (int number = first; number < last; number++) {
            monitor.deleteById("" + number);
        }
        return String.format("{\"add\": %.6f, \"remove\": %.6f}", added, since(began) / (last - first));
    }

    private MonitorQuery query(int number) {
        Deque<String> words = new ArrayDeque<>(List.of(rules.get(number).replace("(", "( ").replace(")", " )").split(" ")));
        return new MonitorQuery("" + number, asked(words));
    }

    /** The query that stands next among the words of a rule in brackets. */
    private static Query asked(Deque<String> words) {
        words.remove();
        String kind = words.remove();
        if (kind.equals("and") || kind.equals("or")) {
            BooleanQuery.Builder all = new BooleanQuery.Builder();
            while (!words.peek().equals(")")) {
                boolean not = words.size() > 1 && second(words).equals("not");
                all.add(asked(words), not ? Occur.MUST_NOT : kind.equals("and") ? Occur.MUST : Occur.SHOULD);
            }
            words.remove();
            return all.build();
        }
        Query found = kind.equals("not") ? asked(words) : leaf(kind, words);
        words.remove();
        return found;
    }

    private static String second(Deque<String> words) {
        var each = words.iterator();
        each.next();
        return each.next();
    }

    private static Query leaf(String kind, Deque<String> words) {
        boolean titled = words.remove().equals("t");
        int within = Integer.parseInt(words.remove());
        List<String> terms = new ArrayList<>();
        while (!words.peek().equals(")")) {
            terms.add(words.remove());
        }
        if (titled) {
            return in("title", kind, terms, within);
        }
        return new BooleanQuery.Builder()
            .add(in("title", kind, terms, within), Occur.SHOULD)
            .add(in("body", kind, terms, within), Occur.SHOULD)
            .build();
    }

    private static Query in(String field, String kind, List<String> terms, int within) {
        switch (kind) {
            case "word":
                return new TermQuery(new Term(field, terms.get(0)));
            case "start":
                return new PrefixQuery(new Term(field, terms.get(0)));
            case "phrase":
                return new PhraseQuery(field, terms.toArray(new String[0]));
            default:
                SpanQuery[] both =
                    terms.stream().map(term -> new SpanTermQuery(new Term(field, term))).toArray(SpanQuery[]::new);
                return new SpanNearQuery(both, within, false);
        }
    }

    private static Analyzer analyzer() {
        return new Analyzer() {
            @Override
            protected TokenStreamComponents createComponents(String field) {
                Tokenizer words = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
                return new TokenStreamComponents(words, new LowerCaseFilter(words));
            }
        };
    }

    private static List<Document> documents(Path file) throws Exception {
        List<Document> found = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split("\t", 2);
            Document document = new Document();
            document.add(new TextField("title", parts[0], Field.Store.NO));
            document.add(new TextField("body", parts[1], Field.Store.NO));
            found.add(document);
        }
        return found;
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static long used() {
        for (int times = 0; times < 3; times++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
