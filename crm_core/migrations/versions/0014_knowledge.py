"""The knowledge base"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import crm_core.db
from crm_core.knowledge import index


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article_category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('name_zh', sa.String(length=40), nullable=False),
    sa.Column('name_en', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['article_category.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('article_category', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_category_parent_id'), ['parent_id'], unique=False)

    op.create_table('knowledge_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('words', sa.String(length=120), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('knowledge_search', schema=None) as batch_op:
        batch_op.create_index('ix_knowledge_search', ['hits', 'at'], unique=False)

    op.create_table('article',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('audience', sa.String(length=10), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=True),
    sa.Column('models', sa.Text(), nullable=False),
    sa.Column('brands', sa.Text(), nullable=False),
    sa.Column('topics', sa.Text(), nullable=False),
    sa.Column('sub_kinds', sa.Text(), nullable=False),
    sa.Column('queues', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('related', sa.JSON(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('author', sa.String(length=16), nullable=False),
    sa.Column('approver', sa.String(length=16), nullable=False),
    sa.Column('created_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('published_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('published', sa.Integer(), nullable=False),
    sa.Column('working', sa.Integer(), nullable=False),
    sa.Column('uses', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['category_id'], ['article_category.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('article', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_category_id'), ['category_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_article_review_on'), ['review_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_article_source'), ['source'], unique=False)
        batch_op.create_index('ix_article_status', ['status', 'kind', 'published_at'], unique=False)

    op.create_table('article_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('title', sa.String(length=160), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('title_words', sa.Text(), nullable=False),
    sa.Column('body_words', sa.Text(), nullable=False),
    sa.Column('title_pinyin', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('article_id', 'language')
    )
    op.create_table('article_use',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=True),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('how', sa.String(length=10), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('article_use', schema=None) as batch_op:
        batch_op.create_index('ix_article_use', ['article_id', 'at'], unique=False)
        batch_op.create_index('ix_article_use_contact', ['contact_id'], unique=False)

    op.create_table('article_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('title_zh', sa.String(length=160), nullable=False),
    sa.Column('answer_zh', sa.Text(), nullable=False),
    sa.Column('body_zh', sa.Text(), nullable=False),
    sa.Column('title_en', sa.String(length=160), nullable=False),
    sa.Column('answer_en', sa.Text(), nullable=False),
    sa.Column('body_en', sa.Text(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('author', sa.String(length=16), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('change', sa.String(length=160), nullable=False),
    sa.Column('approver', sa.String(length=16), nullable=False),
    sa.Column('approved_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('remark', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('article_id', 'number')
    )
    with op.batch_alter_table('article_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_version_state'), ['state'], unique=False)

    op.create_table('article_vote',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('useful', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('article_id', 'agent', 'contact_id')
    )
    op.create_table('open_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('first_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('last_at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(length=16), nullable=False),
    sa.Column('taken_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('article_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.Column('remark', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('open_question', schema=None) as batch_op:
        batch_op.create_index('ix_open_question', ['status', 'last_at'], unique=False)

    op.create_table('question_ask',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('agent', sa.String(length=16), nullable=False),
    sa.Column('words', sa.String(length=200), nullable=False),
    sa.Column('at', crm_core.db.UtcTime(timezone=True), nullable=False),
    sa.Column('contact_id', sa.String(length=64), nullable=False),
    sa.Column('topic', sa.String(length=16), nullable=False),
    sa.Column('model', sa.String(length=60), nullable=False),
    sa.Column('read_at', crm_core.db.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['question_id'], ['open_question.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('question_ask', schema=None) as batch_op:
        batch_op.create_index('ix_question_ask_agent', ['agent', 'read_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_ask_question_id'), ['question_id'], unique=False)

    dialect = op.get_bind().dialect.name
    for statement in index.SQLITE if dialect == 'sqlite' else index.POSTGRESQL:
        op.execute(statement)



def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        for statement in index.SQLITE_GONE:
            op.execute(statement)
    with op.batch_alter_table('question_ask', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_ask_question_id'))
        batch_op.drop_index('ix_question_ask_agent')

    op.drop_table('question_ask')
    with op.batch_alter_table('open_question', schema=None) as batch_op:
        batch_op.drop_index('ix_open_question')

    op.drop_table('open_question')
    op.drop_table('article_vote')
    with op.batch_alter_table('article_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_article_version_state'))

    op.drop_table('article_version')
    with op.batch_alter_table('article_use', schema=None) as batch_op:
        batch_op.drop_index('ix_article_use_contact')
        batch_op.drop_index('ix_article_use')

    op.drop_table('article_use')
    op.drop_table('article_text')
    with op.batch_alter_table('article', schema=None) as batch_op:
        batch_op.drop_index('ix_article_status')
        batch_op.drop_index(batch_op.f('ix_article_source'))
        batch_op.drop_index(batch_op.f('ix_article_review_on'))
        batch_op.drop_index(batch_op.f('ix_article_category_id'))

    op.drop_table('article')
    with op.batch_alter_table('knowledge_search', schema=None) as batch_op:
        batch_op.drop_index('ix_knowledge_search')

    op.drop_table('knowledge_search')
    with op.batch_alter_table('article_category', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_article_category_parent_id'))

    op.drop_table('article_category')
